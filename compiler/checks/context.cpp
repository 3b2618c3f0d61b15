#include "compiler/checks/context.h"

namespace lab::checks {

std::string_view Context::editable_text(Origin at) const {
  const Span place = span(at);
  return place.valid() && places_.editable(place.file) ? places_.text(place) : std::string_view{};
}

const Addresses& Context::addresses(const model::Lab& lab) {
  if (!addresses_) addresses_ = std::make_unique<Addresses>(collect_addresses(lab));
  return *addresses_;
}

void Context::label(Diagnostic& d, Origin at, std::string text) const {
  const Span place = span(at);
  if (place.valid() && place != d.primary)
    d.at(place, std::move(text));
  else
    d.note(std::move(text));
}

}  // namespace lab::checks
