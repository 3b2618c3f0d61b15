// LAB0201: a prefix is written as its first address, so that it reads as what it is.
#include "compiler/checks/fixes.h"
#include "compiler/checks/prefixes.h"
#include "compiler/checks/rules.h"

namespace lab::checks {

void canonical_prefixes(const model::Lab& lab, Context& context) {
  for (const Prefix& p : prefixes_of(lab)) {
    if (p.cidr.is_canonical()) continue;
    const std::string right = p.cidr.canonical().format();
    Diagnostic& d = context.report(make(Code::prefix_not_canonical, context.span(p.at),
                                        fmt::format("the prefix is {}", right),
                                        "the prefix {} has host bits set", p.cidr.format()));
    d.note(fmt::format("it is that of {}", p.words()));
    offer_text(context, d, p.at, p.cidr.format(), right, Applicability::machine);
  }
}

}  // namespace lab::checks
