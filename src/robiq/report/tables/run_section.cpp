#include "robiq/core/text/text.h"
#include "robiq/report/tables/sections.h"

namespace robiq {
namespace {

Table run_table(const Evidence& evidence) {
  Table table{"runs",
              "What was run",
              {{"Folder", {"folder"}},
               {"Run", {"run"}},
               {"Kind", {"kind"}},
               {"Label", {"label"}},
               {"Status", {"status"}},
               {"Command", {"command"}},
               {"robiq", {"robiq_version"}},
               {"LibTorch", {"torch_version"}},
               {"Device", {"device"}},
               {"Threads", {"threads"}},
               {"Seed", {"seed"}},
               {"Started (UTC)", {"started_utc"}},
               {"Finished (UTC)", {"finished_utc"}}},
              {},
              {}};
  for (const auto& [run, folder, id] : evidence.runs) {
    table.rows.push_back(
        {{word(folder), number(static_cast<double>(run.id), 0), word(word_of(run.kind)),
          word(run.label), word(word_of(run.status)), word(run.command), word(run.robiq_version),
          word(run.torch_version), word(run.device), number(static_cast<double>(run.threads), 0),
          word(std::to_string(run.seed)), word(run.started_utc), word(run.finished_utc)},
         {},
         false});
  }
  return table;
}

Table flag_table(const Evidence& evidence, const Titles& titles) {
  Table table{"flags",
              "Doubts about the numbers",
              {{"Folder", {"folder"}},
               {"Run", {"run"}},
               {"Model", {"model"}},
               {"Defense", {"defense"}},
               {"Attack", {"attack"}},
               {"Flag", {"flag"}},
               {"Severity", {"severity"}},
               {"What", {"text"}}},
              {},
              {}};
  for (const auto& [folder, run, trained, row] : evidence.flags) {
    const About about = titles.about(trained.subject);
    table.rows.push_back(
        {{word(folder), number(static_cast<double>(run), 0), word(about.model), word(about.defense),
          word(row.attack), word(row.flag), word(word_of(row.severity)), word(row.text)},
         about,
         false});
  }
  return table;
}

}  // namespace

Section run_section(const TableSource& source) {
  Section section{"runs", "Runs", "", {run_table(source.evidence())}};
  Table flags = flag_table(source.evidence(), source.titles());
  if (!flags.rows.empty()) section.blocks.emplace_back(std::move(flags));
  return section;
}

namespace {

void add_hashes(const char* name, const std::set<std::string>& hashes, RunCard& card) {
  if (hashes.empty()) return;
  card.facts.emplace_back(name, join({hashes.begin(), hashes.end()}, ", "));
}

}  // namespace

std::vector<RunCard> run_cards(const Evidence& evidence, const Titles& titles) {
  std::vector<RunCard> cards;
  for (const auto& [run, folder, id] : evidence.runs) {
    RunCard card{{{"Folder", folder},
                  {"Run", std::to_string(run.id)},
                  {"Kind", word_of(run.kind)},
                  {"Label", run.label},
                  {"Status", word_of(run.status)},
                  {"Command", run.command},
                  {"robiq", run.robiq_version},
                  {"LibTorch", run.torch_version},
                  {"Device", run.device},
                  {"Threads", std::to_string(run.threads)},
                  {"Seed", std::to_string(run.seed)},
                  {"Started (UTC)", run.started_utc},
                  {"Finished (UTC)", run.finished_utc},
                  {"Configuration (SHA-256)", run.config_sha256}},
                 {}};
    if (const auto hashes = evidence.hashes.find({folder, run.id});
        hashes != evidence.hashes.end()) {
      add_hashes("Weights (SHA-256)", hashes->second.weights, card);
      add_hashes("Split (SHA-256)", hashes->second.splits, card);
    }
    for (const auto& [of_folder, of_run, trained, row] : evidence.flags) {
      if (of_folder != folder || of_run != run.id) continue;
      std::string text = row.flag + " (" + word_of(row.severity) +
                         "): " + titles.model(trained.subject) + " " +
                         titles.defense(trained.subject);
      if (!row.attack.empty()) text += " under " + row.attack;
      card.flags.push_back(text + ": " + row.text);
    }
    cards.push_back(std::move(card));
  }
  return cards;
}

}  // namespace robiq
