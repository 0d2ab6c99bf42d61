#pragma once
// LibTorch 1.13 declares vectors of a type that is not complete yet. In C++20 std::vector is
// constexpr, for which clang 14 instantiates it at once, and fails; gcc and later clangs wait. So,
// for fuzzing with clang 14 and libstdc++ only, the vector is read as the C++17 one that it
// otherwise is. This is forced into every source, in front of its own headers.
#include <memory>
#include <string>

#if defined(__clang__) && __clang_major__ < 15 && defined(_GLIBCXX20_CONSTEXPR)
#pragma push_macro("_GLIBCXX20_CONSTEXPR")
#undef _GLIBCXX20_CONSTEXPR
#define _GLIBCXX20_CONSTEXPR
// Declared constexpr already; only std::fill of a vector<bool> needs it, and nothing here does
// that.
#define __fill_a1 __fill_a1_of_bits
#include <vector>
#undef __fill_a1
#pragma pop_macro("_GLIBCXX20_CONSTEXPR")
#endif
