// The .xlsx reader. The first byte says what the rest is: the whole file, or one of its XML parts
// in a zip file that is in order, whose checksums would otherwise keep the fuzzer out.
#include <cstddef>
#include <cstdint>
#include <sstream>
#include <string>

#include "robiq/core/error.h"
#include "robiq/io/table/xlsx.h"
#include "robiq/io/zip/zip_writer.h"

namespace {

std::string workbook_with(int part, const std::string& xml) {
  const std::string relations =
      "<r><r Id='a' Target='s.xml'/><r Id='b' Type='/sharedStrings' Target='t.xml'/></r>";
  const std::string sheet =
      "<w><sheetData><row r='1'><c r='A1' t='s'><v>0</v></c></row></sheetData></w>";
  std::ostringstream out;
  robiq::ZipWriter zip(out);
  zip.add("xl/workbook.xml",
          part == 1 ? xml : "<w><sheets><sheet name='n' r:id='a'/></sheets></w>");
  zip.add("xl/_rels/workbook.xml.rels", part == 2 ? xml : relations);
  zip.add("xl/t.xml", part == 3 ? xml : "<sst><si><t>x</t></si></sst>");
  zip.add("xl/s.xml", part == 4 ? xml : sheet);
  zip.finish();
  return out.str();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const int part = data[0] % 5;
  if (part != 0) bytes = workbook_with(part, bytes);
  try {
    (void)robiq::read_xlsx(robiq::source_of_bytes("fuzz.xlsx", bytes), "",
                           {.part_bytes = 1U << 20, .cells = 100'000});
  } catch (const robiq::Error& error) {
    if (error.kind() != robiq::ErrorKind::kModel) throw;
  }
  return 0;
}
