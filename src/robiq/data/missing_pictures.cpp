#include "robiq/data/missing_pictures.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "robiq/core/error.h"
#include "robiq/core/log.h"
#include "robiq/core/parallel.h"
#include "robiq/core/text/text.h"

namespace robiq {

namespace {

using Reason = std::optional<std::string>;

Reason reason_without_file(const ImageRecord& record) {
  std::error_code code;
  if (record.file.empty() || std::filesystem::is_regular_file(record.file, code)) return {};
  return "there is no file " + record.file.string();
}

Reason reason_unreadable(PictureCache& pictures, std::size_t index, const ImageRecord& record) {
  if (Reason reason = reason_without_file(record)) return reason;
  try {
    static_cast<void>(pictures.get(index));
    return {};
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kData) throw;
    return error.text().what;
  }
}

std::vector<Reason> reasons_here(const Dataset& dataset, const std::vector<std::size_t>& records,
                                 const MissingPolicy& policy) {
  const std::int64_t rank = policy.group == nullptr ? 0 : policy.group->rank();
  const std::int64_t world = policy.group == nullptr ? 1 : policy.group->size();
  PictureCacheOptions kept = policy.cache;
  kept.memory_bytes = 0;
  if (policy.allowed == 0) kept.folder.clear();
  PictureCache pictures(dataset, kept);
  std::vector<Reason> reasons(records.size());
  for_each_index(std::ssize(records), policy.workers, [&](std::int64_t i) {
    const std::size_t index = records[static_cast<std::size_t>(i)];
    const ImageRecord& record = dataset.records()[index];
    if (i % world != rank) return;
    reasons[static_cast<std::size_t>(i)] = policy.allowed == 0
                                               ? reason_without_file(record)
                                               : reason_unreadable(pictures, index, record);
  });
  return reasons;
}

/// What the processes found, put together in the order of the records.
std::vector<Reason> reasons_of_all(std::vector<Reason> reasons, const ProcessGroup* group) {
  if (group == nullptr) return reasons;
  nlohmann::json found = nlohmann::json::object();
  for (std::size_t i = 0; i < reasons.size(); ++i) {
    if (reasons[i]) found[std::to_string(i)] = *reasons[i];
  }
  using Json = nlohmann::json;
  const std::string text = found.dump(-1, ' ', false, Json::error_handler_t::replace);
  for (const std::string& part : group->gather(text)) {
    const Json all = Json::parse(part);
    for (const auto& [i, reason] : all.items()) reasons[std::stoul(i)] = reason.get<std::string>();
  }
  return reasons;
}

}  // namespace

std::vector<MissingPicture> find_missing(const Dataset& dataset,
                                         const std::vector<std::size_t>& records,
                                         const MissingPolicy& policy) {
  const std::vector<Reason> reasons =
      reasons_of_all(reasons_here(dataset, records, policy), policy.group);
  std::vector<MissingPicture> missing;
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (reasons[i]) missing.push_back({records[i], *reasons[i]});
  }
  if (std::ssize(missing) > policy.allowed) {
    const MissingPicture& first = missing.front();
    throw Error(ErrorKind::kData,
                {fmt::format("{} of {} pictures cannot be read, and --allow-missing permits {}: {}",
                             missing.size(), records.size(), policy.allowed, first.reason),
                 dataset.records()[first.record].id,
                 "fix or copy them again (is the folder of the data right?), or allow more with "
                 "--allow-missing"});
  }
  for (const MissingPicture& picture : missing) {
    log::warning("left out {}: {}", dataset.records()[picture.record].id, picture.reason);
  }
  return missing;
}

void leave_out(const std::vector<MissingPicture>& missing, std::vector<std::size_t>& records) {
  std::set<std::size_t> gone;
  for (const MissingPicture& picture : missing) gone.insert(picture.record);
  std::erase_if(records, [&](std::size_t record) { return gone.contains(record); });
}

}  // namespace robiq
