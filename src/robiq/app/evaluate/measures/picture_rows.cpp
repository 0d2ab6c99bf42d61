#include "robiq/app/evaluate/measures/picture_rows.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "robiq/core/error.h"
#include "robiq/core/rng.h"
#include "robiq/core/text/text.h"
#include "robiq/store/row_text.h"
#include "robiq/tensor/image_batch.h"
#include "robiq/tensor/pictures/image_io.h"
#include "robiq/tensor/resample.h"

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
  for (ExampleRow& row : examples) set(row);
}

std::string PictureRows::packed() const {
  const std::array parts{pack_rows(scores), pack_rows(distances), pack_rows(examples), thumbnail};
  std::string bytes;
  for (const std::string& part : parts) bytes += std::to_string(part.size()) + "\n" + part;
  return bytes;
}

namespace {

/// The next of the parts that packed() made; `rest` then begins after it.
std::string next_part(std::string_view& rest) {
  const std::size_t line = rest.find('\n');
  std::int64_t length = 0;
  if (line == rest.npos || !parse_integer(rest.substr(0, line), length) || length < 0 ||
      length > std::ssize(rest) - static_cast<std::int64_t>(line) - 1) {
    throw Error(ErrorKind::kData, {"the rows of another process are cut off", "",
                                   "start the processes again: they go on where they stopped"});
  }
  std::string part(rest.substr(line + 1, static_cast<std::size_t>(length)));
  rest.remove_prefix(line + 1 + part.size());
  return part;
}

}  // namespace

PictureRows PictureRows::unpacked(const std::string& bytes) {
  std::string_view rest = bytes;
  PictureRows rows;
  rows.scores = unpack_rows<ScoreRow>(next_part(rest));
  rows.distances = unpack_rows<DistanceRow>(next_part(rest));
  rows.examples = unpack_rows<ExampleRow>(next_part(rest));
  rows.thumbnail = next_part(rest);
  return rows;
}

namespace {

/// The middle `side` pixels of a dimension.
at::Tensor middle(const at::Tensor& picture, std::int64_t dimension, std::int64_t side) {
  const std::int64_t size = picture.size(dimension);
  const std::int64_t kept = std::min(side, size);
  return picture.narrow(dimension, (size - kept) / 2, kept);
}

Blob part_of(const at::Tensor& pictures, std::int64_t side) {
  const at::Tensor picture = pictures.select(0, pictures.size(0) / 2);
  return {encode_png(to_bytes(middle(middle(picture, 1, side), 2, side)))};
}

}  // namespace

std::string thumbnail_of(const at::Tensor& bytes) {
  constexpr double kSide = 96;
  const double shrink = kSide / static_cast<double>(std::max(bytes.size(1), bytes.size(2)));
  if (shrink >= 1) return encode_jpeg(bytes);
  const auto shrunk = [&](std::int64_t size) {
    return std::max<std::int64_t>(1, std::llround(static_cast<double>(size) * shrink));
  };
  return encode_jpeg(resize_bytes(bytes, shrunk(bytes.size(1)), shrunk(bytes.size(2))));
}

ExampleRow example_of(const AttackedPicture& attacked, const ScoreRow& score, const std::string& id,
                      std::int64_t side) {
  ExampleRow row;
  row.attack = score.attack;
  row.attack_options = score.attack_options;
  row.level = score.level;
  row.surrogate = score.surrogate;
  row.change = std::abs(score.after - score.before);
  // The same for every model and attack, so that they can be compared on one picture.
  row.draw = RandomStream(Rng(0).child("example").child(id)).uniform();
  row.clean = part_of(attacked.clean, side);
  row.attacked = part_of(attacked.images, side);
  return row;
}

}  // namespace robiq
