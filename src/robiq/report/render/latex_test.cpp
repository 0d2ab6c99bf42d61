#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "robiq/report/evidence/evidence.h"
#include "robiq/report/render/latex_layout.h"
#include "robiq/report/render/render.h"

namespace robiq {
namespace latex_test {

using testing::HasSubstr;
using testing::Not;

TEST(LatexText, CommandsAreEscapedAndSignsAreMathematics) {
  EXPECT_EQ(latex_text("a_b 5% $x^2 ~c \\d {e} #f & g"),
            "a\\_b 5\\% \\$x\\textasciicircum{}2 \\textasciitilde{}c \\textbackslash{}d \\{e\\} "
            "\\#f \\& g");
  EXPECT_EQ(latex_text("ΔRMSE ↓ λ ± ↑"),
            "$\\Delta$RMSE $\\downarrow$ $\\lambda$ $\\pm$ $\\uparrow$");
  EXPECT_EQ(latex_text("two\nlines"), "two lines");
}

TEST(LatexText, NeedsNoParticularFont) {
  EXPECT_EQ(latex_text("\""), "\\char34{}");
  EXPECT_EQ(latex_text("a,,b,c"), "a,{},b,c");
  EXPECT_EQ(latex_text("þÐ"), "{[}U+00FE]{[}U+00D0]");
  EXPECT_EQ(latex_text("åß"), "åß");
}

TEST(LatexText, WhatLatexDoesNotKnowIsANumber) {
  EXPECT_EQ(latex_text("é"), "é");
  EXPECT_EQ(latex_text("中\x01"), "{[}U+4E2D]{[}U+0001]");
  EXPECT_EQ(latex_text("a\xFF\xE4z"), "a{[}0xFF]{[}0xE4]z");
  EXPECT_EQ(latex_text("\xC3"), "{[}0xC3]");
}

Table small_table() {
  Value best{0.5, 3, true, 0.0625};
  return {
      "s4",
      "KROCC ↑",
      {{"Attack", {"attack"}},
       {"CNNIQA\nbase / +NT", {"a", "b"}, "After"},
       {"DBCNN", {"c"}, "After"},
       {"DBCNN", {"d"}, "Before & after"}},
      {{{word("FGSM"), {{{-0.25, 3}, best}}, number(1, 3), number(ScoreRow::kNone, 3)}, {}, false},
       {{word("UAP*"), {{{1.0, 3}, {2.0, 3}}}, number(3, 3), number(4, 3)}, {}, true}},
      {"50% of them"}};
}

TEST(LatexTable, HasGroupsBoldDashesAndDeviations) {
  EXPECT_EQ(render_latex(small_table()),
            "\\begin{table}[tp]\n"
            "\\centering\n"
            "\\caption{KROCC $\\uparrow$}\n"
            "\\label{tab:s4}\n"
            "\\smallskip\n"
            "\\resizebox{\\ifdim\\width>\\linewidth\\linewidth\\else\\width\\fi}{!}{%\n"
            "\\begin{tabular}{lcrr}\n"
            "\\toprule\n"
            " & \\multicolumn{2}{c}{After} & \\multicolumn{1}{c}{Before \\& after} \\\\\n"
            "\\cmidrule(lr){2-3}\\cmidrule(lr){4-4}\n"
            "Attack & \\multicolumn{1}{c}{CNNIQA} & \\multicolumn{1}{c}{DBCNN} & "
            "\\multicolumn{1}{c}{DBCNN} \\\\\n"
            " & \\multicolumn{1}{c}{\\scriptsize base / +NT} &  &  \\\\\n"
            "\\midrule\n"
            "FGSM & $-$0.250 / \\textbf{0.500}{\\scriptsize\\,$\\pm$\\,0.062} & 1.000 & -- \\\\\n"
            "\\textit{UAP{*}} & \\textit{1.000 / 2.000} & \\textit{3.000} & \\textit{4.000} \\\\\n"
            "\\bottomrule\n"
            "\\end{tabular}}\n"
            "\n\\smallskip\n"
            "\\parbox{\\linewidth}{\\footnotesize\\raggedright 50\\% of them}\n"
            "\\end{table}\n");
  EXPECT_EQ(render_latex({"a", "", {}, {}, {}}), "");
}

TEST(LatexTable, EqualNamesShareACell) {
  Table table{"bands", "", {{"Attack", {"a"}}, {"MOS", {"b"}}, {"x", {"c"}}}, {}, {}};
  for (const char* attack : {"FGSM", "FGSM", "UAP"}) {
    table.rows.push_back({{word(attack), word("low"), number(1, 0)}, {}, false});
  }
  const std::string text = render_latex(table);
  EXPECT_THAT(text, HasSubstr("\\multirow{2}{*}{FGSM} & low & 1 \\\\\n & low & 1 \\\\\n\\midrule\n"
                              "UAP & low & 1 \\\\\n"));
  EXPECT_THAT(text, HasSubstr("\\begin{table}[tp]"));
}

TEST(LatexTable, AWideOneStandsInPartsByItsGroups) {
  Table table{"rmse", "Wide", {{"Attack", {"a"}}}, {{{word("FGSM")}, {}, false}}, {}};
  for (const char* group : {"After", "Before & after"}) {
    for (int i = 0; i < 8; ++i) {
      table.columns.push_back({std::string(20, 'x'), {"k"}, group, {}});
      table.rows[0].cells.push_back(number(i, 1));
    }
  }
  const std::string text = render_latex(table);
  EXPECT_THAT(text, HasSubstr("\\multicolumn{4}{c}{After} \\\\\n\\cmidrule(lr){2-5}\n"));
  EXPECT_THAT(text, HasSubstr("FGSM & 0.0 & 1.0 & 2.0 & 3.0 \\\\\n\\bottomrule\n"
                              "\\end{tabular}}\n\n\\medskip\n\\resizebox"));
  EXPECT_THAT(text, HasSubstr("FGSM & 4.0 & 5.0 & 6.0 & 7.0 \\\\\n\\bottomrule"));
  EXPECT_THAT(text, HasSubstr("\\multicolumn{4}{c}{Before \\& after}"));
  EXPECT_EQ(text.find("\\caption"), text.rfind("\\caption"));
}

TEST(LatexTable, ALongOneIsCutBetweenItsGroups) {
  Table table{"bands", "Long", {{"Attack", {"a"}}, {"x", {"b"}}}, {}, {"a note"}};
  for (int i = 0; i < 60; ++i) {
    table.rows.push_back({{word(i < 30 ? "FGSM" : "UAP"), number(i, 0)}, {}, false});
  }
  const std::string text = render_latex(table);
  const std::size_t second = text.find("\\begin{table}", 1);
  ASSERT_NE(second, text.npos);
  EXPECT_THAT(text.substr(0, second), Not(HasSubstr("UAP")));
  EXPECT_THAT(text.substr(0, second), Not(HasSubstr("a note")));
  EXPECT_THAT(text.substr(second),
              HasSubstr("\\addtocounter{table}{-1}\n\\caption{Long (Continued.)}\n\\smallskip\n"));
  EXPECT_THAT(text.substr(second), Not(HasSubstr("\\label")));
  EXPECT_THAT(text.substr(second), HasSubstr("a note"));
}

}  // namespace latex_test
}  // namespace robiq
