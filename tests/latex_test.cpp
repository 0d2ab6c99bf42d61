// Every table of a report goes into a paper: LaTeX sets it without an error, inside the margins.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <regex>

#include "robiq/core/files/files.h"
#include "robiq/report/render/latex_layout.h"
#include "robiq/report/render/render.h"
#include "robiq/report/write_report.h"
#include "support/full_evidence.h"

namespace robiq {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

bool have(const std::string& program) {
  return std::system(("command -v " + program + " > /dev/null 2>&1").c_str()) == 0;
}

/// What docs/report.md tells people to write.
const char* const kPreamble =
    "\\usepackage[T1]{fontenc}\n"
    "\\usepackage{booktabs}\n"
    "\\IfFileExists{multirow.sty}{\\usepackage{multirow}}{}\n"
    "\\usepackage{graphicx}\n";

/// Runs pdflatex in a folder that ROBIQ_LATEX_OUT names, for people to look at, or a temporary one.
class Latex {
 public:
  Latex() {
    const char* const kept = std::getenv("ROBIQ_LATEX_OUT");
    folder_ = kept != nullptr ? fs::path(kept) : temporary_.path();
  }
  void write(const std::string& name, const std::string& text) { write_file(folder_ / name, text); }
  /// \return what it said; its exit code is in `code`
  std::string compile(const std::string& document_class, const std::string& body, int& code) {
    const std::string name = "paper-" + document_class.substr(0, 3);
    const std::string options = document_class == "twocolumn" ? "[twocolumn]" : "";
    write(name + ".tex", "\\documentclass" + options + "{article}\n" + kPreamble +
                             "\\begin{document}\n" + body + "\\end{document}\n");
    const std::string command = "cd '" + folder_.string() +
                                "' && pdflatex -interaction=nonstopmode -halt-on-error " + name +
                                ".tex > " + name + ".out 2>&1";
    code = std::system(command.c_str());
    return read_file(folder_ / (name + ".log"), 1 << 24);
  }
  [[nodiscard]] std::string words_of(const std::string& name) const {
    const std::string command =
        "cd '" + folder_.string() + "' && pdftotext -raw " + name + ".pdf words.txt";
    EXPECT_EQ(std::system(command.c_str()), 0);
    return read_file(folder_ / "words.txt", 1 << 24);
  }

 private:
  TemporaryFolder temporary_;
  fs::path folder_;
};

std::vector<Table> tables_of(const Report& report) {
  std::vector<Table> tables;
  for (const Section& section : report.sections) {
    for (const ReportBlock& block : section.blocks) {
      const auto* table = std::get_if<Table>(&block);
      if (table != nullptr && table->id != "runs" && table->id != "flags") tables.push_back(*table);
    }
  }
  return tables;
}

class LatexTables : public testing::TestWithParam<const char*> {};

TEST_P(LatexTables, AreSetWithoutAnErrorInsideTheMargins) {
  if (!have("pdflatex")) GTEST_SKIP() << "pdflatex is not on PATH";
  ReportSettings settings;
  settings.paper = true;
  const Evidence evidence = test::full_evidence();
  Latex latex;
  std::string body;
  const std::vector<Table> tables = tables_of(compose_report(evidence, settings));
  ASSERT_EQ(tables.size(), 16U);  // all but compare
  for (const Table& table : tables) {
    latex.write(table.id + ".tex", render_latex(table));
    body += "\\input{" + table.id + "}\n\\clearpage\n";
  }
  int code = 0;
  const std::string log = latex.compile(GetParam(), body, code);
  EXPECT_EQ(code, 0) << log;
  EXPECT_THAT(log, Not(HasSubstr("Overfull \\hbox")));
  EXPECT_THAT(log, Not(HasSubstr("Float too large")));
  EXPECT_THAT(log, Not(HasSubstr("multiply defined")));
}
INSTANTIATE_TEST_SUITE_P(OnPages, LatexTables, testing::Values("onecolumn", "twocolumn"));

TEST(LatexText, LettersThatAreCommandsSurvive) {
  if (!have("pdflatex") || !have("pdftotext")) GTEST_SKIP() << "pdflatex or pdftotext is missing";
  Latex latex;
  int code = 0;
  std::string letters;
  for (unsigned letter = 0xC0; letter < 0x100; ++letter) {
    letters += {static_cast<char>(0xC0U | letter >> 6U), static_cast<char>(0x80U | (letter & 63U))};
  }
  const std::string log = latex.compile(
      "onecolumn", latex_text(test::kHostileText) + "\n\n" + latex_text(letters) + "\n", code);
  EXPECT_EQ(code, 0) << log;
  const std::string words = latex.words_of("paper-one");
  EXPECT_THAT(words, HasSubstr("50%_of #1 & $x"));
  EXPECT_THAT(words, HasSubstr("2 {a} "));
  EXPECT_THAT(words, HasSubstr("b \\c [d] \"e\" <f> |g| 'h' -- é"));
}

}  // namespace
}  // namespace robiq
