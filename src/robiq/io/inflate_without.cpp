// What stands in for inflate.cpp in a build without zlib.
#include "robiq/io/inflate.h"

namespace robiq {

bool unpack_member(const ByteSource& source, const ZipMember& member, unsigned char* /*to*/) {
  source.refuse("it is packed, and this robiq was built without zlib (ROBIQ_WITH_ZLIB)",
                member.name);
}

}  // namespace robiq
