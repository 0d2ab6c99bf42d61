#include "robiq/data/picture_identity.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "robiq/core/error.h"
#include "robiq/core/parallel.h"
#include "robiq/core/sha256.h"

namespace robiq {
namespace {

constexpr std::size_t kDigits = 16;

/// What each process found, a line a picture: its identities, or nothing for those of others.
std::vector<std::string> put_together(const std::vector<std::string>& lines,
                                      const ProcessGroup* group) {
  if (group == nullptr) return lines;
  std::string own;
  for (const std::string& line : lines) own += line.empty() ? std::string(kDigits, ' ') : line;
  std::vector<std::string> all(lines.size());
  for (const std::string& part : group->gather(own)) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      const std::string line = part.substr(i * kDigits, kDigits);
      if (line.front() != ' ') all[i] = line;
    }
  }
  return all;
}

}  // namespace

std::string picture_identity(const at::Tensor& bytes) {
  const at::Tensor whole = bytes.contiguous();
  Sha256 digest;
  digest.add(fmt::format("{}x{}\n", whole.size(1), whole.size(2)));
  digest.add({reinterpret_cast<const char*>(whole.data_ptr<std::uint8_t>()), whole.nbytes()});
  return digest.hexadecimal().substr(0, kDigits);
}

std::vector<std::string> picture_identities(const Dataset& dataset,
                                            const std::vector<std::size_t>& records,
                                            std::int64_t workers, const ProcessGroup* group) {
  const std::int64_t rank = group == nullptr ? 0 : group->rank();
  const std::int64_t world = group == nullptr ? 1 : group->size();
  std::vector<std::string> identities(records.size());
  for_each_index(std::ssize(records), workers, [&](std::int64_t i) {
    if (i % world != rank) return;
    const auto place = static_cast<std::size_t>(i);
    identities[place] = picture_identity(dataset.read(dataset.records()[records[place]]));
  });
  return put_together(identities, group);
}

std::string records_sha256(const Dataset& dataset) {
  std::vector<std::string> lines;
  for (const ImageRecord& record : dataset.records()) {
    lines.push_back(record.id + "\t" + record.content + "\n");
  }
  std::sort(lines.begin(), lines.end());
  Sha256 digest;
  for (const std::string& line : lines) digest.add(line);
  return digest.hexadecimal();
}

}  // namespace robiq
