// LAB0304: a number and protocol belong to one port of a workload: Kubernetes refuses a Service that has one
// twice (validation.ValidateService). LAB0305: the name of a port is one Kubernetes accepts
// (validation.IsValidPortName: at most 15 of a-z, 0-9 and single dashes, a letter among them).
#include "compiler/checks/rules.h"

namespace lab::checks {

namespace {

constexpr std::size_t longest_name = 15;

bool well_named(std::string_view name) {
  const auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
  bool any = false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    any = any || letter(c);
    const bool dash = c == '-' && i > 0 && i + 1 < name.size() && name[i - 1] != '-';
    if (!letter(c) && !(c >= '0' && c <= '9') && !dash) return false;
  }
  return any && name.size() <= longest_name;
}

/// A name of at most 15 characters made of what is right in `name`.
std::string shortened(std::string_view name) {
  std::string out;
  for (char c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == '_' || c == '.') c = '-';
    if (c == '-' && (out.empty() || out.back() == '-')) continue;
    if (out.size() < longest_name) out += c;
  }
  while (out.ends_with('-')) out.pop_back();
  return out;
}

void names(const std::vector<model::AppPort>& ports, Context& context) {
  for (const model::AppPort& p : ports) {
    if (well_named(p.name)) continue;
    const bool long_name = p.name.size() > longest_name;
    Diagnostic& d = context.report(make(Code::port_name, context.span(p.name_at),
                                        long_name ? fmt::format("its name has {} characters", p.name.size())
                                                  : std::string("its name has other characters"),
                                        "`{}` cannot be the name of a port in Kubernetes", p.name));
    d.note("at most 15 lower-case letters, digits and single dashes, one letter at least");
    if (const std::string right = shortened(p.name); well_named(right))
      d.help({fmt::format("call it `{}`", right), Applicability::maybe, {}});
  }
}

void numbers(const std::vector<model::AppPort>& ports, std::string_view kind, std::string_view owner,
             bool service, Context& context) {
  for (std::size_t i = 1; i < ports.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) {
      model::PortSpec a = *ports[j].number;
      model::PortSpec b = *ports[i].number;
      if (ports[j].number.at == 0 || ports[i].number.at == 0) continue;
      const auto publish = [](model::PortSpec& spec, const model::AppPort& port) {
        if (port.service) spec.first = spec.last = static_cast<std::uint16_t>(*port.service);
      };
      const bool listens_twice = a.overlaps(b);
      if (service) publish(a, ports[j]), publish(b, ports[i]);
      if (!listens_twice && !a.overlaps(b)) continue;
      Diagnostic& d = context.report(make(Code::port_taken, context.span(ports[i].number.at),
                                          fmt::format("port `{}` has it too", ports[i].name),
                                          "two ports of {} `{}` are the same: `{}` and `{}`", kind, owner,
                                          ports[j].name, ports[i].name));
      context.label(d, ports[j].number.at,
                    listens_twice ? fmt::format("port `{}` is {}", ports[j].name, ports[j].number->format())
                                  : fmt::format("port `{}` is {} of the Service", ports[j].name, a.format()));
      break;
    }
}

template <class T>
void workload(const T& w, Context& context) {
  names(w.port, context);
  numbers(w.port, T::kind, w.name, static_cast<bool>(w.in), context);
}

}  // namespace

void distinct_ports(const model::Lab& lab, Context& context) {
  for (const model::App& app : lab.apps) workload(app, context);
  for (const model::Job& job : lab.jobs) workload(job, context);
  for (const model::Cron& cron : lab.crons) workload(cron, context);
  for (const model::Helm& helm : lab.helms)
    for (const model::HelmWorkload& w : helm.workload) names(w.port, context);
}

}  // namespace lab::checks
