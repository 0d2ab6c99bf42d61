#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "robiq/core/text/escape.h"
#include "robiq/report/render/page_assets.h"

namespace robiq {
namespace {

using Slots = std::vector<std::pair<std::string_view, std::string_view>>;

/// Fills "{{name}}" of the skeleton, once from left to right: what is filled in is not read again.
std::string fill(std::string_view skeleton, const Slots& slots) {
  std::size_t size = skeleton.size();
  for (const auto& [name, text] : slots) size += text.size();
  std::string page;
  page.reserve(size);
  while (!skeleton.empty()) {
    const std::size_t open = skeleton.find("{{");
    const std::size_t close = open == skeleton.npos ? open : skeleton.find("}}", open);
    page += skeleton.substr(0, close == skeleton.npos ? skeleton.npos : open);
    if (close == skeleton.npos) break;
    for (const auto& [name, text] : slots) {
      if (name == skeleton.substr(open + 2, close - open - 2)) page += text;
    }
    skeleton.remove_prefix(close + 2);
  }
  return page;
}

std::string libraries() {
  const PageAssets& assets = page_assets();
  if (!page_has_figures()) return "";
  std::string text = "<!--\n";
  text += assets.licences;
  text += "-->\n";
  for (const std::string_view library : {assets.vega, assets.vega_lite, assets.vega_embed}) {
    text += "<script>";
    text += library;
    text += "</script>\n";
  }
  return text;
}

}  // namespace

std::string page_around(std::string_view title, std::string_view json) {
  const PageAssets& assets = page_assets();
  const std::string title_text = markup_text(title);
  const std::string library_text = libraries();
  return fill(assets.skeleton, {{"title", title_text},
                                {"style", assets.style},
                                {"script", assets.script},
                                {"libraries", library_text},
                                {"report", json}});
}

std::string render_page(const Report& report) {
  return page_around(report.title, page_json(report));
}

}  // namespace robiq
