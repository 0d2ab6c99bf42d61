#include <algorithm>
#include <bit>
#include <cstring>
#include <set>

#include "robiq/io/zip/zip_fields.h"

namespace robiq {
namespace {

constexpr std::uint32_t kEndSignature = 0x06054b50;
constexpr std::uint32_t kZip64EndSignature = 0x06064b50;
constexpr std::uint32_t kZip64LocatorSignature = 0x07064b50;
constexpr std::uint32_t kEntrySignature = 0x02014b50;
constexpr std::uint32_t kLocalSignature = 0x04034b50;
constexpr std::uint64_t kEndBytes = 22, kLocatorBytes = 20, kZip64EndBytes = 56;
constexpr std::uint64_t kEntryBytes = 46, kLocalBytes = 30;

constexpr std::uint16_t kEncrypted = 1 << 0;
constexpr std::uint16_t kSizesFollow = 1 << 3;  ///< the local header leaves them to a later record
constexpr std::uint16_t kNameIsUtf8 = 1 << 11;
/// Encrypted, patch data, strong encryption, hidden header.
constexpr std::uint16_t kRefusedFlags = kEncrypted | 1 << 5 | 1 << 6 | 1 << 13;

/// No checkpoint has a directory near this: 360 000 members.
constexpr std::uint64_t kMaxDirectoryBytes = 16ULL << 20;
constexpr std::uint64_t kFreeUnpackedBytes = 64ULL << 20;
constexpr std::uint64_t kMaxUnpackedRatio = 32;

/// Where the central directory lies.
struct Directory {
  std::uint64_t begin = 0, bytes = 0, entries = 0;
};

/// The end record is the last one whose comment reaches exactly to the end of the file.
std::uint64_t find_end_record(const ByteSource& source) {
  if (source.size() < kEndBytes) source.refuse("it is too short for a zip file");
  const std::uint64_t tail_bytes = std::min<std::uint64_t>(source.size(), kEndBytes + 0xFFFF);
  const std::string tail = source.read_at(source.size() - tail_bytes, tail_bytes);
  for (std::uint64_t record_at = tail_bytes - kEndBytes + 1; record_at-- > 0;) {
    ZipFields fields(source, std::string_view(tail).substr(record_at, kEndBytes));
    if (fields.u32() != kEndSignature) continue;
    fields.skip(16);
    if (record_at + kEndBytes + fields.u16() == tail_bytes) {
      return source.size() - tail_bytes + record_at;
    }
  }
  source.refuse("the zip file's end record is missing, so the file may be cut off");
}

Directory read_zip64_end(const ByteSource& source, std::uint64_t locator_at) {
  const std::string locator = source.read_at(locator_at, kLocatorBytes);
  ZipFields place(source, locator);
  place.skip(4);
  const bool one_disk = place.u32() == 0;
  const std::uint64_t record_at = place.u64();
  if (!one_disk || place.u32() > 1) source.refuse("it is one part of a zip file in several");
  if (record_at > locator_at || locator_at - record_at < kZip64EndBytes) {
    source.refuse("its zip64 end record lies where none can be");
  }
  const std::string record = source.read_at(record_at, kZip64EndBytes);
  ZipFields fields(source, record);
  if (fields.u32() != kZip64EndSignature || fields.u64() != locator_at - record_at - 12) {
    source.refuse("its zip64 end record is damaged");
  }
  fields.skip(4);
  const bool parts = (fields.u32() | fields.u32()) != 0;
  const std::uint64_t here = fields.u64();
  const std::uint64_t entries = fields.u64();
  const std::uint64_t bytes = fields.u64();
  const std::uint64_t begin = fields.u64();
  if (parts || here != entries) source.refuse("it is one part of a zip file in several");
  if (begin > record_at || record_at - begin != bytes) {
    source.refuse("its directory does not end where the zip64 end record begins");
  }
  return {begin, bytes, entries};
}

bool agrees(std::uint64_t short_field, std::uint64_t none, std::uint64_t value) {
  return short_field == none || short_field == value;
}

Directory find_directory(const ByteSource& source) {
  const std::uint64_t end_at = find_end_record(source);
  const std::string record = source.read_at(end_at, kEndBytes);
  ZipFields fields(source, record);
  fields.skip(4);
  const bool parts = (fields.u16() | fields.u16()) != 0;
  const std::uint64_t here = fields.u16();
  const std::uint64_t entries = fields.u16();
  const std::uint64_t bytes = fields.u32();
  const std::uint64_t begin = fields.u32();
  if (parts || here != entries) source.refuse("it is one part of a zip file in several");
  Directory found{begin, bytes, entries};
  const std::uint64_t locator_at = end_at < kLocatorBytes ? 0 : end_at - kLocatorBytes;
  const std::string locator = source.read_at(locator_at, 4);
  if (ZipFields(source, locator).u32() == kZip64LocatorSignature) {
    found = read_zip64_end(source, locator_at);
    if (!agrees(begin, 0xFFFFFFFF, found.begin) || !agrees(bytes, 0xFFFFFFFF, found.bytes) ||
        !agrees(entries, 0xFFFF, found.entries)) {
      source.refuse("its two end records contradict each other");
    }
  } else if (begin > end_at || end_at - begin != bytes) {
    source.refuse("its directory does not end where the end record begins");
  }
  if (found.bytes > kMaxDirectoryBytes) source.refuse("its directory is too large to be true");
  return found;
}

/// Replaces fields that say "see the zip64 extra field" by what stands there.
void read_zip64_extra(const ByteSource& source, std::string_view extra,
                      const std::vector<std::uint64_t*>& values) {
  const bool wanted =
      std::any_of(values.begin(), values.end(), [](auto* value) { return *value == 0xFFFFFFFF; });
  if (!wanted) return;
  ZipFields fields(source, extra);
  while (fields.left() >= 4) {
    const std::uint16_t id = fields.u16();
    const std::string_view field = fields.take(fields.u16());
    if (id != 1) continue;
    ZipFields longs(source, field);
    for (std::uint64_t* const value : values) {
      if (*value == 0xFFFFFFFF) *value = longs.u64();
    }
    return;
  }
}

void check_entry(const ByteSource& source, const ZipMember& member, std::uint16_t method,
                 bool other_disk) {
  if (member.name.empty() || member.name.find('\0') != std::string::npos) {
    source.refuse("a member has no name, or a name that is not text", member.name);
  }
  if ((member.flags & kEncrypted) != 0) source.refuse("it is encrypted", member.name);
  if ((member.flags & kRefusedFlags) != 0 || (method != 0 && method != 8)) {
    source.refuse("it is packed in a way that robiq does not read", member.name);
  }
  if (other_disk) source.refuse("it lies in another part of the zip file", member.name);
  if (method == 0 && member.packed != member.size) {
    source.refuse("it is not packed, and yet has two sizes", member.name);
  }
}

ZipMember read_entry(const ByteSource& source, ZipFields& fields) {
  ZipMember member;
  if (fields.u32() != kEntrySignature) source.refuse("its directory is damaged");
  fields.skip(4);
  member.flags = fields.u16();
  const std::uint16_t method = fields.u16();
  fields.skip(4);
  member.deflated = method == 8;
  member.crc = fields.u32();
  member.packed = fields.u32();
  member.size = fields.u32();
  const std::uint16_t name_bytes = fields.u16();
  const std::uint16_t extra_bytes = fields.u16();
  const std::uint16_t comment_bytes = fields.u16();
  const bool other_disk = fields.u16() != 0;
  fields.skip(6);
  member.header = fields.u32();
  member.name = fields.take(name_bytes);
  read_zip64_extra(source, fields.take(extra_bytes),
                   {&member.size, &member.packed, &member.header});
  fields.skip(comment_bytes);
  check_entry(source, member, method, other_disk);
  return member;
}

/// What the local header says of a size: left open when the flags say that it follows the bytes.
bool agrees_locally(const ZipMember& member, std::uint64_t local, std::uint64_t value) {
  return local == value || ((member.flags & kSizesFollow) != 0 && local == 0);
}

void check_local_header(const ByteSource& source, ZipMember& member, std::uint64_t data_end) {
  if (member.header > data_end || data_end - member.header < kLocalBytes) {
    source.refuse("it lies outside the file", member.name);
  }
  const std::string header = source.read_at(member.header, kLocalBytes);
  ZipFields fields(source, header);
  const bool signed_so = fields.u32() == kLocalSignature;
  fields.skip(2);
  const std::uint16_t flags = fields.u16();
  const bool same_method = fields.u16() == (member.deflated ? 8 : 0);
  fields.skip(4);
  const std::uint32_t crc = fields.u32();
  std::uint64_t packed = fields.u32();
  std::uint64_t size = fields.u32();
  const std::uint64_t name_bytes = fields.u16();
  const std::uint64_t extra_bytes = fields.u16();
  const std::string rest = source.read_at(member.header + kLocalBytes, name_bytes + extra_bytes);
  read_zip64_extra(source, std::string_view(rest).substr(name_bytes), {&size, &packed});
  constexpr std::uint16_t kMeaning = kEncrypted | kSizesFollow | kNameIsUtf8;
  if (!signed_so || !same_method || ((flags ^ member.flags) & kMeaning) != 0 ||
      rest.substr(0, name_bytes) != member.name || !agrees_locally(member, crc, member.crc) ||
      !agrees_locally(member, packed, member.packed) ||
      !agrees_locally(member, size, member.size)) {
    source.refuse("its header and the file's directory contradict each other", member.name);
  }
  member.data = member.header + kLocalBytes + rest.size();
  if (member.data > data_end || member.packed > data_end - member.data) {
    source.refuse("its bytes lie outside the file", member.name);
  }
}

/// Checks the local headers in the order they lie in, so that no byte is read twice.
void check_local_headers(const ByteSource& source, std::vector<ZipMember>& members,
                         std::uint64_t data_end) {
  std::vector<ZipMember*> sorted;
  for (ZipMember& member : members) sorted.push_back(&member);
  std::sort(sorted.begin(), sorted.end(),
            [](const auto* a, const auto* b) { return a->header < b->header; });
  std::uint64_t covered = 0;
  for (ZipMember* const member : sorted) {
    if (member->header < covered) {
      source.refuse("its bytes overlap another member's", member->name);
    }
    check_local_header(source, *member, data_end);
    covered = member->data + member->packed;
  }
}

}  // namespace

std::vector<ZipMember> read_zip_directory(const ByteSource& source) {
  const Directory directory = find_directory(source);
  const std::string bytes = source.read_at(directory.begin, directory.bytes);
  ZipFields fields(source, bytes);
  std::vector<ZipMember> members;
  std::set<std::string> names;
  const std::uint64_t limit = std::max(kFreeUnpackedBytes, kMaxUnpackedRatio * source.size());
  std::uint64_t unpacked = 0;
  while (fields.left() >= kEntryBytes) {
    members.push_back(read_entry(source, fields));
    const ZipMember& member = members.back();
    if (!names.insert(member.name).second) source.refuse("it stands there twice", member.name);
    if (member.size > limit - unpacked) {
      source.refuse("unpacked, it would be too large for a file of this size", member.name);
    }
    unpacked += member.size;
  }
  if (fields.left() != 0 || members.size() != directory.entries) {
    source.refuse("its directory and its count of members contradict each other");
  }
  check_local_headers(source, members, directory.begin);
  return members;
}

}  // namespace robiq
