#include "robiq/io/pickle/object.h"

namespace robiq {

const Object* Object::find(const std::string& key) const {
  const Dict* const dict = get_if<Dict>();
  if (dict == nullptr) return nullptr;
  for (const auto& [name, held] : *dict) {
    const std::string* const text = name->get_if<std::string>();
    if (text != nullptr && *text == key) return held.get();
  }
  return nullptr;
}

}  // namespace robiq
