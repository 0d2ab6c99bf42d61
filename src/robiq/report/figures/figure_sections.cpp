#include <algorithm>

#include "robiq/core/error.h"
#include "robiq/core/text/text.h"
#include "robiq/report/figures/figure_family.h"

namespace robiq {
namespace {

struct FigureFamily {
  std::string id, title, text;
  std::vector<Figure> (*make)(FigureContext&);
  bool by_attack = false;  ///< draws FigureContext::shown_attacks()
};

const std::vector<FigureFamily>& families() {
  static const std::vector<FigureFamily> kFamilies{
      {"score-change", "How far scores move",
       "Every point is a test picture: how far its score moved under the attack, by its MOS. At "
       "the "
       "right of each panel stands the fitted distribution of these changes: a Gaussian kernel "
       "density with Silverman's bandwidth, not reflected at 0, every curve drawn to the same "
       "height. Seeds are taken together.",
       score_change_figures, true},
      {"before-after", "Scores before and after",
       "Every point is a test picture. On the dashed line the attack changed nothing.",
       before_after_figures, true},
      {"tradeoff", "Robustness against accuracy",
       "Right is more accurate on clean pictures, up is more robust. A line leads from a baseline "
       "to its +NT twins. Where the results tell how long training took, the label says it.",
       tradeoff_figures},
      {"defenses", "Defenses: accuracy against gain of the attacks",
       "Right is more accurate on clean pictures, down is harder to attack. Hollow points are of "
       "attacks that do not know the purifier; such numbers flatter it.",
       defense_figures},
      {"lambda", "The strength of a defense",
       "What more of a defense does to accuracy on clean pictures (MOS & score) and to robustness "
       "(scores before & after). At 0 stands the baseline, apart because the axis is logarithmic. "
       "Bands are one standard deviation over seeds, or of one seed the 95 % interval over its "
       "pictures.",
       lambda_figures},
      {"security", "Strength of the attack",
       "How scores move as the attack gets stronger. Epsilon 0 stands for the clean pictures. "
       "Bands are one "
       "standard deviation over seeds, or of one seed the 95 % interval over its pictures.",
       security_figures},
      {"worst-case", "The worst case by its budget",
       "What a fixed set of attacks does to every picture within a budget; budget 0 is the clean "
       "picture. Bands are one standard deviation over seeds, or of one seed the 95 % interval "
       "over its pictures.",
       worst_case_figures},
      {"filters", "Everyday filters: score gained by damage",
       "Every line is a filter, from its weakest to its strongest setting. Above the dashed line "
       "the model rewards the damage; an encoder that is tuned by such a model will do it.",
       filter_figures},
      {"gradient", "Gradient norm and score change",
       "To first order an attack whose perturbation stays within epsilon in every value moves the "
       "score by at most epsilon times the l1 norm of the gradient; for a linear model the two are "
       "equal. The dashed line is that bound, with the largest l_inf that the attack reached. "
       "Points above it are where the model is not linear within epsilon. Where views are attacked "
       "by themselves the norm is the mean over a picture's views.",
       gradient_figures, true},
      {"transfer", "Attacks made on other models",
       "RMSE between the scores before and after, where the perturbation was made on one model and "
       "scored on another. A model attacked by what was made on itself is a white box.",
       transfer_figures},
      {"examples", "Attacked pictures",
       "Attack settings stand above the pictures, the score before and after the attack under "
       "them, "
       "SSIM to the clean picture in the corner.",
       example_figures},
      {"training", "Training", "What was measured after each epoch; one line for each seed.",
       training_figures}};
  return kFamilies;
}

void check_ids(const std::vector<std::string>& wanted) {
  const std::vector<std::string> known = figure_ids();
  for (const std::string& id : wanted) {
    if (std::find(known.begin(), known.end(), id) != known.end()) continue;
    const std::string near = nearest_of(id, known);
    throw Error(ErrorKind::kUsage, {"no figure is called '" + id + "'", "",
                                    (near.empty() ? "" : "did you mean '" + near + "'? ") +
                                        "known: " + join(known, ", ")});
  }
}

}  // namespace

std::vector<std::string> figure_ids() {
  std::vector<std::string> ids;
  for (const FigureFamily& family : families()) ids.push_back(family.id);
  return ids;
}

std::vector<Section> figure_sections(const Evidence& evidence, const Titles& titles,
                                     const ReportSettings& settings, Report& report) {
  check_ids(settings.figures);
  const PictureIndex pictures(evidence);
  report.pictures = pictures.pictures();
  report.examples = chosen_examples(evidence, titles, pictures);
  FigureContext context(evidence, titles, pictures, report);
  std::vector<Section> sections;
  for (const FigureFamily& family : families()) {
    const auto& wanted = settings.figures;
    if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), family.id) == wanted.end()) {
      continue;
    }
    Section section{family.id + "-figures", family.title, family.text, {}};
    if (family.by_attack && context.leaves_attacks_out()) {
      section.text +=
          " Of an attack with many settings some are drawn, from the mildest to the "
          "strongest.";
    }
    for (Figure& figure : family.make(context)) section.blocks.push_back(std::move(figure));
    if (family.by_attack && section.blocks.size() > 1) {
      section.text += " All of these figures have the same axes.";
    }
    if (!section.blocks.empty()) sections.push_back(std::move(section));
  }
  return sections;
}

}  // namespace robiq
