#include "robiq/io/pickle/pickle_view.h"

#include "robiq/io/table/utf8.h"

namespace robiq {
namespace {

/// Names may be shared by all the values that have one, so looking at each must be cheap.
constexpr std::size_t kMaxName = 1024;

}  // namespace

const PickleCall* PickleView::call(PickleId id) const {
  const auto* const made = as<std::unique_ptr<PickleCall>>(id);
  return made == nullptr ? nullptr : made->get();
}

std::string_view PickleView::function_of(const PickleCall& call) const {
  return global(call.function, "a function");
}

std::int64_t PickleView::integer(PickleId id, std::string_view what) const {
  const auto* const value = as<std::int64_t>(id);
  if (value == nullptr) refuse(std::string(what) + " is no integer");
  return *value;
}

std::string_view PickleView::text(PickleId id, std::string_view what) const {
  const auto* const present = as<PickleText>(id);
  const auto* const raw = as<PickleRaw>(id);
  if (present == nullptr && raw == nullptr) refuse(std::string(what) + " is no text");
  const std::string_view held = present != nullptr ? present->text : raw->bytes;
  if (held.size() > kMaxName) refuse(std::string(what) + " is too long to be true");
  if (find_non_text(held) != std::string_view::npos) {
    refuse(std::string(what) + " is no UTF-8, or has a NUL");
  }
  return held;
}

std::string_view PickleView::global(PickleId id, std::string_view what) const {
  const auto* const value = as<PickleGlobal>(id);
  if (value == nullptr) refuse(std::string(what) + " is none");
  return value->name;
}

std::span<const PickleId> PickleView::sequence(PickleId id, std::string_view what) const {
  const PickleCall* const made = call(id);
  if (made != nullptr && function_of(*made) == "torch.Size") {
    id = arguments(*made, 1, 1)[0];
  }
  const auto* const value = as<PickleSequence>(id);
  if (value == nullptr) refuse(std::string(what) + " is no list");
  return value->items;
}

std::span<const PickleId> PickleView::arguments(const PickleCall& call, std::size_t least,
                                                std::size_t most) const {
  const auto* const tuple = as<PickleSequence>(call.arguments);
  const std::size_t count = tuple == nullptr ? 0 : tuple->items.size();
  if (tuple == nullptr || count < least || count > most) {
    refuse(std::string(function_of(call)) + " is called with " + std::to_string(count) +
           " arguments");
  }
  return tuple->items;
}

}  // namespace robiq
