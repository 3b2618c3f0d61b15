// LAB0206: two prefixes that are routed in the same places have no address in common.
//
// Pods and Services of different clusters never meet, and routes lead into prefixes on purpose.
#include <algorithm>

#include "compiler/checks/prefixes.h"
#include "compiler/checks/rules.h"

namespace lab::checks {

namespace {

using Use = Prefix::Use;

bool of_cluster(const Prefix& p) {
  return p.use == Use::pods || p.use == Use::services;
}

bool meet(const Prefix& a, const Prefix& b) {
  if (of_cluster(a) && of_cluster(b)) return a.index == b.index;
  if (a.use == Use::vpn && b.use == Use::vpn) return a.at != b.at;  // not the default twice
  return true;
}

void report(const Prefix& a, const Prefix& b, Context& context) {
  // The one a person wrote in this lab, else the later one.
  const bool a_is_ours = !context.editable_text(a.at).empty();
  const bool b_is_ours = !context.editable_text(b.at).empty();
  const bool blame_b = a_is_ours == b_is_ours ? context.before(a.at, b.at) : b_is_ours;
  const Prefix& wrong = blame_b ? b : a;
  const Prefix& other = blame_b ? a : b;
  Diagnostic& d = context.report(make(Code::prefixes_overlap, context.span(wrong.at),
                                      fmt::format("{}: {}", wrong.words(), wrong.cidr.format()),
                                      "{} and {} overlap", wrong.words(), other.words()));
  if (context.editable_text(other.at).empty())
    context.label(d, other.owner,
                  fmt::format("{}: {} unless said otherwise", other.words(), other.cidr.format()));
  else
    context.label(d, other.at, fmt::format("{}: {}", other.words(), other.cidr.format()));
  d.note("an address in both would be reached in one of them only");
}

}  // namespace

void prefixes_apart(const model::Lab& lab, Context& context) {
  std::vector<Prefix> all = prefixes_of(lab);
  std::erase_if(all, [](const Prefix& p) { return p.use == Use::route; });
  std::stable_sort(all.begin(), all.end(), [](const Prefix& a, const Prefix& b) {
    return a.cidr.network() != b.cidr.network() ? a.cidr.network() < b.cidr.network()
                                                : a.cidr.length < b.cidr.length;
  });
  std::vector<const Prefix*> around;  // prefixes nest or are apart: those that hold the current one
  for (const Prefix& p : all) {
    while (!around.empty() && around.back()->cidr.broadcast() < p.cidr.network()) around.pop_back();
    for (const Prefix* outer : around)
      if (meet(*outer, p)) report(*outer, p, context);
    around.push_back(&p);
  }
}

}  // namespace lab::checks
