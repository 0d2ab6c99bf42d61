#include "robiq/data/split.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <unordered_map>

#include "robiq/core/error.h"
#include "robiq/core/files/files.h"
#include "robiq/core/text/text.h"
#include "robiq/io/table/csv.h"

namespace robiq {
namespace {

enum Part : std::size_t { kTrain, kVal, kTest, kUnnamed };
constexpr std::array<const char*, 4> kPartNames = {"train", "val", "test", ""};

/// The part of each content, in order of content.
using PartOfContent = std::map<std::string, Part, std::less<>>;

Part part_named(const std::string& name, const std::string& where) {
  const auto found = std::find(kPartNames.begin(), kPartNames.end(), name);
  if (found == kPartNames.end()) {
    throw Error(ErrorKind::kData,
                {"'" + name + "' is not a split", where, "write train, val or test"});
  }
  return static_cast<Part>(found - kPartNames.begin());
}

[[noreturn]] void refuse_leak(const std::string& content, Part a, Part b,
                              const std::string& where) {
  throw Error(ErrorKind::kData, {"the pictures of '" + content + "' are in " + kPartNames[a] +
                                     " and in " + kPartNames[b],
                                 where, "put all pictures of one content into one split"});
}

/// \param parts  of each record
Split collect(std::span<const ImageRecord> records, const std::vector<Part>& parts) {
  Split split;
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (parts[i] == kTrain) split.train.push_back(i);
    if (parts[i] == kVal) split.val.push_back(i);
    if (parts[i] == kTest) split.test.push_back(i);
    lines.push_back(records[i].id + "\t" + kPartNames[parts[i]] + "\n");
  }
  std::sort(lines.begin(), lines.end());
  split.sha256 = sha256(join(lines, ""));
  return split;
}

PartOfContent named_parts(std::span<const ImageRecord> records) {
  PartOfContent parts;
  for (const ImageRecord& record : records) {
    const Part part = part_named(record.split, record.id);
    const auto [entry, fresh] = parts.emplace(record.content, part);
    if (fresh || part == kUnnamed || entry->second == part) continue;
    if (entry->second != kUnnamed) refuse_leak(record.content, entry->second, part, record.id);
    entry->second = part;
  }
  return parts;
}

/// How many of `pool` contents each drawn part gets. What rounding leaves is for training, or where
/// nothing is drawn for that, for the larger share.
std::array<std::size_t, 3> counts_for(std::size_t pool, const std::array<double, 3>& shares) {
  const double sum = shares[kTrain] + shares[kVal] + shares[kTest];
  std::array<std::size_t, 3> counts{};
  if (sum <= 0) return counts;
  for (const Part part : {kVal, kTest}) {
    if (shares[part] <= 0) continue;
    const auto exact = std::lround(shares[part] / sum * static_cast<double>(pool));
    counts[part] = static_cast<std::size_t>(std::max(1L, exact));
  }
  const std::size_t for_train = shares[kTrain] > 0 ? 1 : 0;
  while (counts[kVal] + counts[kTest] + for_train > pool) {
    std::size_t& larger = counts[counts[kVal] > counts[kTest] ? kVal : kTest];
    if (larger <= 1) break;  // too few contents: noticed by the caller
    --larger;
  }
  const std::size_t drawn = counts[kVal] + counts[kTest];
  const Part larger = shares[kVal] > shares[kTest] ? kVal : kTest;
  counts[for_train > 0 ? kTrain : larger] += pool > drawn ? pool - drawn : 0;
  return counts;
}

[[noreturn]] void refuse_empty(std::size_t contents, Part part, bool drawn) {
  if (!drawn) {
    throw Error(ErrorKind::kData,
                {"the data set puts every picture into its val and test parts: nothing is left to "
                 "train on",
                 "split", "name other pictures train, or give a split of your own (--split-file)"});
  }
  throw Error(ErrorKind::kData,
              {"the data has only " + std::to_string(contents) +
                   (contents == 1 ? " content (scene)" : " contents (scenes)") +
                   ": nothing is left for " + kPartNames[part],
               "split", "add pictures of other contents: each part needs one of its own"});
}

/// \param drawn  whether the whole split was drawn: the data set names no part
void refuse_missing_parts(const PartOfContent& parts, const std::array<double, 3>& wanted,
                          bool drawn, SplitPurpose purpose) {
  if (purpose == SplitPurpose::kEvaluating) return;
  std::array<std::size_t, 4> got{};
  for (const auto& [content, part] : parts) ++got[part];
  for (const Part part : {kTrain, kVal, kTest}) {
    const bool needed = drawn || (part == kTrain && purpose == SplitPurpose::kTraining);
    if (needed && wanted[part] > 0 && got[part] == 0) refuse_empty(parts.size(), part, drawn);
  }
}

}  // namespace

void check_shares(const SplitShares& shares) {
  const double sum = shares.train + shares.val + shares.test;
  const bool positive = shares.train >= 0 && shares.val >= 0 && shares.test >= 0;
  if (positive && std::abs(sum - 1) < 1e-9) return;
  throw Error(ErrorKind::kUsage,
              {"the shares of train, val and test, " + number_text(shares.train) + ", " +
                   number_text(shares.val) + " and " + number_text(shares.test) + ", " +
                   (positive ? "sum to " + number_text(sum) : "hold one below 0"),
               "split", "give three numbers of at least 0 that sum to 1, e.g. 0.7, 0.1, 0.2"});
}

Split make_split(std::span<const ImageRecord> records, const SplitShares& shares, const Rng& rng,
                 SplitPurpose purpose) {
  check_shares(shares);
  std::array<double, 3> wanted = {shares.train, shares.val, shares.test};
  PartOfContent parts = named_parts(records);
  std::array<std::size_t, 4> named{};
  for (const auto& [content, part] : parts) ++named[part];
  if (parts.size() == 2 && named[kVal] == 0) wanted[kVal] = 0;
  const std::array<double, 3> all = wanted;
  std::vector<std::string> pool;
  for (const auto& [content, part] : parts) {
    if (part == kUnnamed) pool.push_back(content);
  }
  for (const Part part : {kTrain, kVal, kTest}) {
    if (named[part] > 0) wanted[part] = 0;
  }
  RandomStream(rng.child("split")).shuffle(pool);
  const std::array<std::size_t, 3> counts = counts_for(pool.size(), wanted);
  auto next = pool.begin();
  for (const Part part : {kTest, kVal, kTrain}) {
    for (std::size_t i = 0; i < counts[part] && next != pool.end(); ++i) parts[*next++] = part;
  }
  refuse_missing_parts(parts, all, pool.size() == parts.size(), purpose);
  std::vector<Part> of_record;
  for (const ImageRecord& record : records) of_record.push_back(parts.at(record.content));
  return collect(records, of_record);
}

Split split_from_parts(std::span<const ImageRecord> records,
                       const std::vector<std::string>& parts) {
  std::vector<Part> of_record;
  for (const std::string& part : parts) of_record.push_back(part_named(part, "split"));
  return collect(records, of_record);
}

std::vector<std::string> shared_contents(const Split& split, std::span<const ImageRecord> records) {
  PartOfContent seen;
  std::set<std::string> shared;
  const auto look = [&](const std::vector<std::size_t>& indices, Part part) {
    for (const std::size_t i : indices) {
      const auto [entry, fresh] = seen.emplace(records[i].content, part);
      if (entry->second != part) shared.insert(records[i].content);
    }
  };
  look(split.train, kTrain);
  look(split.val, kVal);
  look(split.test, kTest);
  return {shared.begin(), shared.end()};
}

void write_split(const Split& split, std::span<const ImageRecord> records,
                 const std::filesystem::path& file) {
  std::vector<Part> parts(records.size(), kUnnamed);
  for (const std::size_t i : split.train) parts.at(i) = kTrain;
  for (const std::size_t i : split.val) parts.at(i) = kVal;
  for (const std::size_t i : split.test) parts.at(i) = kTest;
  std::vector<std::vector<std::string>> rows;
  for (std::size_t i = 0; i < records.size(); ++i) {
    rows.push_back(
        {records[i].id, number_text(records[i].mos), records[i].content, kPartNames[parts[i]]});
  }
  write_csv(file, {"image", "mos", "content", "split"}, rows);
}

Split read_split(const std::filesystem::path& file, std::span<const ImageRecord> records) {
  const CsvTable table = read_csv(file);
  const std::size_t image = table.column("image"), word = table.column("split");
  const bool has_content = table.has_column("content");
  std::unordered_map<std::string, std::size_t> remaining;
  for (std::size_t i = 0; i < records.size(); ++i) remaining.emplace(records[i].id, i);
  const std::string hint = "use the split that was made for this data set";
  PartOfContent of_content;
  std::vector<Part> parts(records.size(), kUnnamed);
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    const std::string where = table.source + ":" + std::to_string(table.lines[row]);
    const std::string& name = table.rows[row][image];
    const auto found = remaining.find(name);
    if (found == remaining.end()) {
      throw Error(ErrorKind::kData,
                  {"'" + name + "' is not in the data set, or is listed twice", where, hint});
    }
    const std::size_t i = found->second;
    remaining.erase(found);
    parts[i] = part_named(table.rows[row][word], where);
    if (parts[i] == kUnnamed) continue;
    const std::string& content =
        has_content ? table.rows[row][table.column("content")] : records[i].content;
    const auto [entry, fresh] = of_content.emplace(content, parts[i]);
    if (entry->second != parts[i]) refuse_leak(content, entry->second, parts[i], where);
  }
  if (!remaining.empty()) {
    throw Error(
        ErrorKind::kData,
        {"no row for '" + remaining.begin()->first + "'" +
             (remaining.size() == 1 ? ""
                                    : " and " + std::to_string(remaining.size() - 1) + " more"),
         table.source, hint});
  }
  return collect(records, parts);
}

}  // namespace robiq
