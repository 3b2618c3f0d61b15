// LAB0307: a name behind a gateway or tunnel leads to one door. LAB0308: it is one that the gateway's
// certificate and listener hold: the domain or one level below.
#include <algorithm>

#include "compiler/checks/fixes.h"
#include "compiler/checks/rules.h"

namespace lab::checks {

namespace {

struct Name {
  std::string_view fqdn;
  model::AnyRef via;
  const model::DoorOf* door = nullptr;
  [[nodiscard]] model::Origin at() const { return door->door != nullptr ? door->door->at : door->expose->at; }
};

const std::vector<model::DoorPath>& paths(const model::DoorOf& door) {
  return door.door != nullptr ? door.door->path : door.expose->path;
}

/// Doors of one name may share it when each serves paths of its own.
bool paths_apart(const model::DoorOf& a, const model::DoorOf& b) {
  if (paths(a).empty() || paths(b).empty()) return false;
  return std::none_of(paths(a).begin(), paths(a).end(), [&](const model::DoorPath& p) {
    return std::any_of(paths(b).begin(), paths(b).end(),
                       [&](const model::DoorPath& q) { return p.name == q.name; });
  });
}

void twice(const Name& a, const Name& b, Context& context) {
  const bool blame_b = context.before(a.at(), b.at());
  const Name& wrong = blame_b ? b : a;
  const Name& first = blame_b ? a : b;
  Diagnostic& d = context.report(make(Code::door_name_taken, context.span(wrong.at()),
                                      fmt::format("a door of `{}`", wrong.door->owner_name),
                                      "two doors are called {}", wrong.fqdn));
  context.label(d, first.at(), fmt::format("a door of `{}`", first.door->owner_name));
  d.help({fmt::format("give one another name: `expose \"…\" via …`"), Applicability::placeholders, {}});
}

void covered(const model::Lab& lab, const Name& name, Context& context) {
  const model::Gateway* gateway = lab.as<model::Gateway>(name.via);
  if (gateway == nullptr || gateway->domain.at == 0) return;
  const std::string_view domain = *gateway->domain;
  if (!name.fqdn.ends_with(domain) || name.fqdn.size() <= domain.size()) return;
  const std::string_view host = name.fqdn.substr(0, name.fqdn.size() - domain.size() - 1);
  const std::size_t dot = host.rfind('.');
  if (dot == std::string_view::npos) return;
  std::string right(host);
  std::replace(right.begin(), right.end(), '.', '-');
  Diagnostic& d = context.report(make(Code::door_name_too_deep, context.span(name.at()),
                                      "more than one level below the domain",
                                      "gateway `{}` cannot answer for {}", gateway->name, name.fqdn));
  context.label(d, gateway->domain.at, fmt::format("listens and is certified for {0} and *.{0}", domain));
  d.help({fmt::format("call it `{}.{}`", right, domain), Applicability::maybe, {}});
}

}  // namespace

void door_names(const model::Lab& lab, Context& context) {
  const std::vector<model::DoorOf> doors = lab.doors();
  std::vector<Name> names;
  for (const model::DoorOf& door : doors) {
    if (door.fqdn.empty()) continue;
    if (door.door != nullptr && !door.door->via) continue;
    names.push_back({door.fqdn, door.door != nullptr ? *door.door->via : *door.expose->via, &door});
    covered(lab, names.back(), context);
  }
  std::stable_sort(names.begin(), names.end(), [](const Name& a, const Name& b) { return a.fqdn < b.fqdn; });
  for (std::size_t first = 0, end = 0; first < names.size(); first = end) {
    while (end < names.size() && names[end].fqdn == names[first].fqdn) ++end;
    for (std::size_t i = first + 1; i < end; ++i)
      for (std::size_t j = first; j < i; ++j)
        if (names[i].via == names[j].via && !paths_apart(*names[i].door, *names[j].door)) {
          twice(names[j], names[i], context);
          break;
        }
  }
}

}  // namespace lab::checks
