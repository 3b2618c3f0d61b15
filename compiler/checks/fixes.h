// Edits that rules offer.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "compiler/checks/context.h"

namespace lab::checks {

/// `text` with its address replaced by `ip`, in the same spelling: `.63` and `k8s.lb[.63]` keep a host part,
/// counted from `network`, `192.168.40.63` is written out. Empty when the text is another expression.
[[nodiscard]] std::string with_address(std::string_view text, const model::Ip& ip,
                                       const model::Cidr* network);

/// Offers `ip` in place of the address at `at`: an edit where the source says an address, advice elsewhere.
void offer_address(const Context& context, Diagnostic& d, model::Origin at, const model::Ip& ip,
                   const model::Cidr* network);

/// Offers `text` in place of the literal at `at`; advice when the source does not say `literal` there.
void offer_text(const Context& context, Diagnostic& d, model::Origin at, std::string_view literal,
                std::string text, Applicability applicability);

/// "`a`", "`a` and `b`", "`a`, `b` and `c`"; after five names "… and 3 more".
[[nodiscard]] std::string list_of(std::span<const std::string_view> names);

}  // namespace lab::checks
