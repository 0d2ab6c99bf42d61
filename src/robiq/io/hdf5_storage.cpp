#ifdef ROBIQ_HAVE_MATIO
#include "robiq/io/hdf5_storage.h"

#include <zlib.h>

#include <array>
#include <vector>

namespace robiq {
namespace {

constexpr std::size_t kMostSides = 32;

/// What a chunk must be, and how it is packed.
struct Chunks {
  std::uint64_t bytes = 0;            ///< of one, unpacked
  std::uint64_t count = 1;            ///< that the dataset's shape needs
  std::vector<H5Z_filter_t> filters;  ///< in the order in which they were applied
};

/// \return false when a filter is neither shuffle nor deflate, or stands there twice
bool read_filters(hid_t plan, std::vector<H5Z_filter_t>& filters) {
  const int count = H5Pget_nfilters(plan);
  for (int i = 0; i < count; ++i) {
    filters.push_back(H5Pget_filter2(plan, static_cast<unsigned>(i), nullptr, nullptr, nullptr, 0,
                                     nullptr, nullptr));
  }
  using Filters = std::vector<H5Z_filter_t>;
  return filters.empty() || filters == Filters{H5Z_FILTER_DEFLATE} ||
         filters == Filters{H5Z_FILTER_SHUFFLE} ||
         filters == Filters{H5Z_FILTER_SHUFFLE, H5Z_FILTER_DEFLATE};
}

/// \return whether `packed` is one whole zlib stream of exactly `wanted` bytes
bool unpacks_to(std::vector<unsigned char>& packed, std::uint64_t wanted) {
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK) return false;
  std::array<unsigned char, 1 << 16> piece{};
  stream.next_in = packed.data();
  stream.avail_in = static_cast<uInt>(packed.size());
  std::uint64_t got = 0;
  int state = Z_OK;
  while (state == Z_OK && got <= wanted) {
    stream.next_out = piece.data();
    stream.avail_out = static_cast<uInt>(piece.size());
    state = inflate(&stream, Z_NO_FLUSH);
    got += piece.size() - stream.avail_out;
  }
  inflateEnd(&stream);
  return state == Z_STREAM_END && got == wanted;
}

bool is_whole_chunk(hid_t dataset, hsize_t index, const Chunks& chunks) {
  const Hdf5Handle space(H5Dget_space(dataset), H5Sclose);
  std::array<hsize_t, kMostSides> offset{};
  unsigned skipped = 0;
  haddr_t place = HADDR_UNDEF;
  hsize_t packed_bytes = 0;
  if (H5Dget_chunk_info(dataset, space.get(), index, offset.data(), &skipped, &place,
                        &packed_bytes) < 0) {
    return false;
  }
  const Hdf5Handle file(H5Iget_file_id(dataset), H5Fclose);
  hsize_t file_bytes = 0;
  if (H5Fget_filesize(file.get(), &file_bytes) < 0 || packed_bytes > file_bytes) return false;
  std::vector<unsigned char> packed(packed_bytes);
  std::uint32_t mask = 0;
  if (H5Dread_chunk(dataset, H5P_DEFAULT, offset.data(), &mask, packed.data()) < 0) return false;
  const bool deflated = !chunks.filters.empty() && chunks.filters.back() == H5Z_FILTER_DEFLATE &&
                        (mask >> (chunks.filters.size() - 1) & 1) == 0;
  return deflated ? unpacks_to(packed, chunks.bytes) : packed_bytes == chunks.bytes;
}

std::string chunk_problem(hid_t dataset, const Chunks& chunks, std::uint64_t limit) {
  const Hdf5Handle space(H5Dget_space(dataset), H5Sclose);
  hsize_t count = 0;
  if (H5Dget_num_chunks(dataset, space.get(), &count) < 0) {
    return "it is damaged: its chunks cannot be found";
  }
  // HDF5 takes memory for each chunk that the shape needs, stored or not; MATLAB stores them all.
  if (count != chunks.count) return "it has not the bytes that its shape needs";
  if (count > limit / chunks.bytes) return "the file would need more memory than is allowed";
  for (hsize_t i = 0; i < count; ++i) {
    if (!is_whole_chunk(dataset, i, chunks)) return "its packed bytes are damaged";
  }
  return "";
}

/// \return false when a chunk has no bytes, or more than 62 bits can count
bool measure_chunks(hid_t plan, hid_t space, std::size_t element_bytes, Chunks& chunks) {
  std::array<hsize_t, kMostSides> sides{}, shape{};
  const int rank = H5Sget_simple_extent_ndims(space);
  if (rank < 1 || rank > static_cast<int>(kMostSides) ||
      H5Sget_simple_extent_dims(space, shape.data(), nullptr) != rank ||
      H5Pget_chunk(plan, rank, sides.data()) != rank) {
    return false;
  }
  chunks.bytes = element_bytes;
  for (std::size_t i = 0; i < static_cast<std::size_t>(rank); ++i) {
    if (sides[i] == 0 || __builtin_mul_overflow(chunks.bytes, sides[i], &chunks.bytes)) {
      return false;
    }
    chunks.count *= shape[i] / sides[i] + (shape[i] % sides[i] != 0 ? 1 : 0);
  }
  return chunks.bytes < 1ULL << 62;
}

}  // namespace

std::string hdf5_storage_problem(hid_t dataset, std::uint64_t limit) {
  const Hdf5Handle plan(H5Dget_create_plist(dataset), H5Pclose);
  const Hdf5Handle type(H5Dget_type(dataset), H5Tclose);
  const Hdf5Handle space(H5Dget_space(dataset), H5Sclose);
  const hssize_t points = space.valid() ? H5Sget_simple_extent_npoints(space.get()) : -1;
  const std::size_t element_bytes = H5Tget_size(type.get());
  if (!plan.valid() || points < 0 || element_bytes == 0) {
    return "it is damaged: its layout cannot be read";
  }
  const H5D_layout_t layout = H5Pget_layout(plan.get());
  if (layout == H5D_VIRTUAL || H5Pget_external_count(plan.get()) != 0) {
    return "its numbers stand in another file";
  }
  Chunks chunks;
  if (!read_filters(plan.get(), chunks.filters)) {
    return "it is packed by a filter that is not read (deflate and shuffle are)";
  }
  if (layout == H5D_CHUNKED) {
    if (!measure_chunks(plan.get(), space.get(), element_bytes, chunks)) {
      return "it is damaged: its chunks have no size";
    }
    return chunk_problem(dataset, chunks, limit);
  }
  const hsize_t stored = H5Dget_storage_size(dataset);
  std::uint64_t needed = 0;
  const bool overflows =
      __builtin_mul_overflow(static_cast<std::uint64_t>(points), element_bytes, &needed);
  if (overflows || (stored != needed && stored != 0)) {
    return "it has not the bytes that its shape needs";
  }
  return stored == 0 && layout == H5D_COMPACT && needed != 0
             ? "it has not the bytes that its shape needs"
             : "";
}

}  // namespace robiq
#endif
