#include "robiq/defense/purify/purifier_chain.h"

#include <ATen/ATen.h>

#include "robiq/core/error.h"

namespace robiq {
namespace {

PurifierCard chain_card(const std::vector<std::unique_ptr<Purifier>>& stages) {
  if (stages.empty()) {
    throw Error(ErrorKind::kInternal,
                {"a chain of purifiers is empty", "PurifierChain", "give at least one"});
  }
  std::vector<std::string> names, titles, papers;
  PurifierCard card;
  for (const auto& stage : stages) {
    const PurifierCard& stage_card = stage->card();
    names.push_back(stage_card.name);
    titles.push_back(stage_card.title.empty() ? stage_card.name : stage_card.title);
    if (!stage_card.paper.empty()) papers.push_back(stage_card.paper);
    card.randomised = card.randomised || stage_card.randomised;
    card.differentiable = card.differentiable && stage_card.differentiable;
  }
  card.name = join(names, "+");
  card.title = join(titles, " + ");
  card.paper = join(papers, "; ");
  return card;
}

std::vector<Rng> stage_positions(const std::vector<Rng>& rows, std::size_t stage) {
  std::vector<Rng> positions;
  for (const Rng& row : rows) positions.push_back(row.child("stage").child(stage));
  return positions;
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::vector<std::string> chain_parts(std::string_view text) {
  std::vector<std::string> parts(1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool parting = text[i] == '+' && (i + 1 == text.size() || is_letter(text[i + 1]));
    if (parting) {
      parts.emplace_back();
    } else {
      parts.back() += text[i];
    }
  }
  return parts;
}

}  // namespace

PurifierChain::PurifierChain(std::vector<std::unique_ptr<Purifier>> stages)
    : Purifier(chain_card(stages)), stages_(std::move(stages)) {}

at::Tensor PurifierChain::transform(const at::Tensor& images, const std::vector<Rng>& rows) const {
  at::Tensor now = images;
  for (std::size_t i = 0; i < stages_.size(); ++i) {
    now = stages_[i]->purify(now, stage_positions(rows, i));
  }
  return now;
}

at::Tensor PurifierChain::attached(const at::Tensor& images, const std::vector<Rng>& rows) const {
  at::Tensor now = images;
  for (std::size_t i = 0; i < stages_.size(); ++i) {
    now = stages_[i]->purify_attached(now, stage_positions(rows, i));
  }
  return now;
}

std::unique_ptr<Purifier> make_purifier(std::string_view text, const std::string& where) {
  const auto& registry = Registry<Purifier>::instance();
  std::vector<std::unique_ptr<Purifier>> stages;
  for (const std::string& part : chain_parts(text)) {
    stages.push_back(registry.make(registry.parse(part, where), where));
  }
  if (stages.size() == 1) return std::move(stages.front());
  return std::make_unique<PurifierChain>(std::move(stages));
}

}  // namespace robiq
