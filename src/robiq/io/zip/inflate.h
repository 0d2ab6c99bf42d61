#pragma once
#include "robiq/io/byte_source.h"
#include "robiq/io/zip/zip_directory.h"

namespace robiq {

/// Unpacks exactly `member.size` bytes out of exactly `member.packed`.
/// \return false when the packed bytes are anything else
/// \throws what source.refuse() throws, in a build without zlib or memory
[[nodiscard]] bool unpack_member(const ByteSource& source, const ZipMember& member,
                                 unsigned char* to);

}  // namespace robiq
