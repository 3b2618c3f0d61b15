#include "compiler/checks/hints.h"

namespace lab::checks {

namespace {

Diagnostic worded(const Unused& u) {
  if (u.what == Unused::What::template_)
    return make(Code::unused_template, u.at, "never used", "no {} is like the template `{}`", u.kind, u.name);
  return make(Code::unread_let, u.at, "never read", "`{}` is never read", u.name);
}

}  // namespace

void hints(std::span<const Unused> unused, Context& context) {
  for (const Unused& u : unused) {
    Diagnostic& d = context.report(worded(u));
    if (u.whole.valid()) d.replace(u.whole, "", fmt::format("take `{}` away", u.name), Applicability::maybe);
  }
}

}  // namespace lab::checks
