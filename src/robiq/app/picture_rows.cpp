#include "robiq/app/picture_rows.h"

#include "robiq/core/error.h"
#include "robiq/core/text.h"
#include "robiq/store/row_text.h"

namespace robiq {

void PictureRows::add(ScoreRow score, const AttackedPicture& attacked) {
  for (const auto& [name, value] : attacked.distances) {
    DistanceRow row;
    row.attack = score.attack;
    row.attack_options = score.attack_options;
    row.level = score.level;
    row.surrogate = score.surrogate;
    row.distance = name;
    row.value = value;
    distances.push_back(std::move(row));
  }
  scores.push_back(std::move(score));
}

void PictureRows::set_key(std::int64_t run, std::int64_t model, std::int64_t image) {
  const auto set = [&](auto& row) {
    row.run = run;
    row.model = model;
    row.image = image;
  };
  for (ScoreRow& row : scores) set(row);
  for (DistanceRow& row : distances) set(row);
}

std::string PictureRows::packed() const {
  const std::string first = pack_rows(scores);
  return std::to_string(first.size()) + "\n" + first + pack_rows(distances);
}

PictureRows PictureRows::unpacked(const std::string& bytes) {
  const std::size_t line = bytes.find('\n');
  std::int64_t length = 0;
  if (line == std::string::npos || !parse_integer(bytes.substr(0, line), length) || length < 0 ||
      length > std::ssize(bytes) - static_cast<std::int64_t>(line) - 1) {
    throw Error(ErrorKind::kData, {"the rows of another process are cut off", "",
                                   "start the processes again: they go on where they stopped"});
  }
  const auto size = static_cast<std::size_t>(length);
  return {unpack_rows<ScoreRow>(bytes.substr(line + 1, size)),
          unpack_rows<DistanceRow>(bytes.substr(line + 1 + size))};
}

}  // namespace robiq
