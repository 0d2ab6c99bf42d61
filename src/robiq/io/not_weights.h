#pragma once
#include "robiq/io/byte_source.h"

namespace robiq {

/// Knows what people have in place of weights by mistake: an empty file, a web page that a server
/// sent instead, a git-lfs pointer. \throws Error{kModel} saying which; else does nothing.
void refuse_impostor(const ByteSource& source);

}  // namespace robiq
