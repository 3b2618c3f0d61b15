// Names: records that the lab declares, and those that doors need and no wildcard covers; tunnels.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/lower/hash.h"
#include "compiler/lower/plan/draft.h"

namespace lab::lower::plan {

namespace {

constexpr std::string_view cloudflare_endpoint = "https://api.cloudflare.com/client/v4";
constexpr std::string_view tunnel_domain = "cfargotunnel.com";
constexpr std::size_t longest_comment = 100;  // of a record at Cloudflare, on its free plan

/// What a name leads to.
struct Target {
  std::string_view type;
  std::string text;                       // address, name or text
  const model::Tunnel* tunnel = nullptr;  // instead of a text: the name of this tunnel
};

/// One name of a zone.
struct Name {
  std::string name;  // whole
  Target target;
  bool several = false;  // of one type and name there are others
  bool proxied = false;
  std::int64_t ttl = 0;  // seconds
  Origin at = 0;
  model::AnyRef of = {};
};

bool below(std::string_view name, std::string_view domain) {
  return name == domain || (name.ends_with(domain) && name[name.size() - domain.size() - 1] == '.');
}

class Zones {
 public:
  explicit Zones(Draft& draft) : draft_(draft), lab_(draft.lab), names_(draft.lab.zones.size()) {}

  void run() {
    for (const model::Record& record : lab_.records) add_declared(record);
    for (const model::DoorOf& door : lab_.doors()) add_door(door);
    for (std::size_t z = 0; z < lab_.zones.size(); ++z) write(lab_.zones[z], names_[z]);
  }

 private:
  static std::string whole(std::string_view label, std::string_view domain) {
    return label == "@" ? std::string(domain) : fmt::format("{}.{}", label, domain);
  }

  static std::string_view type_of(const model::Ip& ip) {
    return ip.family == types::Family::v6 ? "AAAA" : "A";
  }
  static Target address(const model::Ip& ip) { return {type_of(ip), ip.format(), nullptr}; }

  std::vector<Target> targets_of(const model::RecordTarget& target) const {
    std::vector<Target> out;
    if (target.ip) out.push_back(address(*target.ip));
    for (const auto& ip : target.ips) out.push_back(address(*ip));
    if (target.text) out.push_back({"CNAME", std::string(*target.text), nullptr});
    if (!target.ref.valid()) return out;
    if (const auto* gateway = lab_.as<model::Gateway>(target.ref))
      out.push_back(address(*gateway->address));
    else if (const auto* tunnel = lab_.as<model::Tunnel>(target.ref))
      out.push_back({"CNAME", {}, tunnel});
    else if (const auto* cluster = lab_.as<model::Cluster>(target.ref))
      add_cluster(*cluster, out);
    else if (const auto* app = lab_.as<model::App>(target.ref))
      add_app(*app, out);
    else if (const model::Opt<model::Ip> ip = lab_.ip_of(target.ref))
      out.push_back(address(*ip));
    return out;
  }

  void add_cluster(const model::Cluster& cluster, std::vector<Target>& out) const {
    if (cluster.vip) return out.push_back(address(*cluster.vip));
    for (const auto& machine : cluster.control_plane)
      if (const model::Opt<model::Ip> ip = lab_.ip_of(*machine)) out.push_back(address(*ip));
  }

  void add_app(const model::App& app, std::vector<Target>& out) const {
    for (const model::Door& door : app.expose) {
      if (door.at_) return out.push_back(address(*door.at_));
      if (const auto* gateway = door.via ? lab_.as<model::Gateway>(*door.via) : nullptr)
        return out.push_back(address(*gateway->address));
    }
  }

  void add_declared(const model::Record& record) {
    const model::Zone* zone = lab_.find(*record.in);
    if (zone == nullptr) return;
    std::vector<Target> targets = targets_of(record.target);
    for (Target& target : targets) {
      if (record.kind_ && target.tunnel == nullptr) target.type = *record.kind_;
      const std::int64_t ttl = record.ttl ? record.ttl->to_seconds() : zone->ttl->to_seconds();
      const std::string_view type = target.type;
      const bool several = std::ranges::count(targets, type, &Target::type) > 1;
      names_[record.in->index].push_back({whole(record.name, *zone->domain), target, several, *record.proxied,
                                          ttl, record.at, lab_.any_of(record)});
    }
  }

  /// The zone that a name lies in: the one with the longest domain.
  const model::Zone* zone_of(std::string_view name) const {
    const model::Zone* found = nullptr;
    for (const model::Zone& zone : lab_.zones)
      if (below(name, *zone.domain) && (found == nullptr || zone.domain->size() > found->domain->size()))
        found = &zone;
    return found;
  }

  bool is_covered(const model::Zone& zone, std::string_view name) const {
    return std::ranges::any_of(names_[lab_.ref_of(zone).index], [&](const Name& n) {
      const std::string_view known = n.name;
      return known == name ||
             (known.starts_with("*.") && known.substr(2) != name && below(name, known.substr(2)));
    });
  }

  void add_door(const model::DoorOf& door) {
    if (door.fqdn.empty()) return;
    const model::AnyRef& via = door.expose != nullptr ? *door.expose->via : *door.door->via;
    const Origin at = door.expose != nullptr ? door.expose->at : door.door->at;
    Name name{std::string(door.fqdn), {}, false, false, 0, at, door.owner};
    const model::Zone* zone = nullptr;
    if (const auto* tunnel = lab_.as<model::Tunnel>(via)) {
      zone = lab_.find(*tunnel->zone);
      name.target = {"CNAME", {}, tunnel};
      name.proxied = true;  // a tunnel has no other entrance
    } else if (const auto* gateway = lab_.as<model::Gateway>(via)) {
      zone = zone_of(door.fqdn);
      name.target = address(*gateway->address);
    }
    if (zone == nullptr || is_covered(*zone, door.fqdn)) return;
    name.ttl = zone->ttl->to_seconds();
    names_[lab_.ref_of(*zone).index].push_back(std::move(name));
  }

  void write(const model::Zone& zone, const std::vector<Name>& names) {
    if (names.empty()) return;
    const model::ZoneProvider& provider = zone.provider;
    if (!provider.cloudflare && !provider.pihole && !provider.router) return;
    group_ = draft_.group(id_text(fmt::format("zone/{}", zone.name)),
                          fmt::format("zone {} ({})", zone.name, *zone.domain));
    for (const Name& name : names) {
      if (provider.cloudflare) write_cloudflare(zone, *provider.cloudflare, name);
      if (provider.pihole) write_pihole(zone, *provider.pihole, name);
    }
    if (provider.router) ask_for(zone, names);
  }

  std::string id_of(std::string_view where, const Name& name) const {
    std::string id = fmt::format("{}/{}/{}", where, name.target.type, name.name);
    if (name.several) id += fmt::format("/{}", name.target.text);
    return id_text(id);
  }

  // ---- Cloudflare
  Map cloudflare_api(const model::Cloudflare& provider) {
    Map api = draft_.arena.map(provider.at);
    api.set("endpoint", cloudflare_endpoint);
    api.set("token", draft_.text(*provider.token, "cloudflare-token", provider.token.at), provider.token.at);
    return api;
  }

  void write_cloudflare(const model::Zone& zone, const model::Cloudflare& provider, const Name& name) {
    std::string tunnel_step;
    if (name.target.tunnel != nullptr) tunnel_step = add_tunnel(*name.target.tunnel);
    Step& step = draft_.step(id_of(fmt::format("record/{}", zone.name), name), "cloudflare.record/1", group_,
                             fmt::format("{} {}", name.target.type, name.name), name.at);
    step.of = name.of;
    step.key.set("zone", *zone.domain).set("type", name.target.type).set("name", name.name);
    if (name.several) step.key.set("content", name.target.text);
    step.desired.set("api", cloudflare_api(provider)).set("zone", *zone.domain);
    Map record = step.desired.map("record");
    record.set("type", name.target.type).set("name", name.name);
    if (name.target.tunnel == nullptr)
      record.set("content", name.target.text);
    else if (name.target.tunnel->id)
      record.set("content", fmt::format("{}.{}", *name.target.tunnel->id, tunnel_domain),
                 name.target.tunnel->id.at);
    else
      record.set("content", draft_.output(tunnel_step, "cname"));
    // 1 is automatic, and what a proxied record always has (API reference, DNS Records).
    record.set("ttl", name.proxied ? 1 : std::clamp<std::int64_t>(name.ttl, 60, 86400));
    record.set("proxied", name.proxied).set("comment", comment_of(id_of(zone.name, name)));
    step.on_change = {{"record", "update"}, {"record.name", "replace"}, {"record.type", "replace"}};
    step.needs.push_back(draft_.pool("cloudflare", 4));
    if (!tunnel_step.empty()) step.after.push_back(tunnel_step);
  }

  std::string comment_of(const std::string& id) const {
    std::string comment = fmt::format("lab-id: {}", marker(lab_, "record", id));
    if (comment.size() <= longest_comment) return comment;
    return fmt::format("lab-id: {}", marker(lab_, "record", sha256_hex(id).substr(0, 16)));
  }

  /// The tunnel, which was made with the credentials that the lab has; its step, unless its id is said.
  std::string add_tunnel(const model::Tunnel& tunnel) {
    if (tunnel.id) return {};
    const std::string id = id_text(fmt::format("tunnel/{}", tunnel.name));
    if (draft_.has_step(id)) return id;
    const model::Zone* zone = lab_.find(*tunnel.zone);
    Step& step =
        draft_.step(id, "cloudflare.tunnel/1", group_, fmt::format("tunnel {}", tunnel.name), tunnel.at);
    step.of = lab_.any_of(tunnel);
    step.present = true;
    step.key.set("zone", *zone->domain, tunnel.zone.at).set("name", tunnel.name, tunnel.at);
    step.desired.set("api", cloudflare_api(tunnel.provider)).set("zone", *zone->domain, tunnel.zone.at);
    step.desired.set("name", tunnel.name, tunnel.at);
    step.outputs = {"cname", "id"};
    step.needs.push_back(draft_.pool("cloudflare", 4));
    return id;
  }

  // ---- Pi-hole
  /// Element of a list of the configuration of Pi-hole 6 (`PUT /api/config/{list}/{value}`): hosts for one
  /// name, lines of dnsmasq for what hosts cannot say.
  static std::pair<std::string_view, std::string> pihole_entry(const Name& name) {
    const std::string_view type = name.target.type;
    const bool is_address = type == "A" || type == "AAAA";
    if (name.name.starts_with("*."))
      return {"misc/dnsmasq_lines",
              is_address ? fmt::format("address=/{}/{}", name.name.substr(2), name.target.text)
                         : fmt::format("cname=*.{},{}", name.name.substr(2), name.target.text)};
    if (is_address) return {"dns/hosts", fmt::format("{} {}", name.target.text, name.name)};
    if (type == "CNAME") return {"dns/cnameRecords", fmt::format("{},{}", name.name, name.target.text)};
    if (type == "TXT")
      return {"misc/dnsmasq_lines", fmt::format("txt-record={},\"{}\"", name.name, name.target.text)};
    if (type == "MX")
      return {"misc/dnsmasq_lines", fmt::format("mx-host={},{}", name.name, name.target.text)};
    return {"misc/dnsmasq_lines", fmt::format("srv-host={},{}", name.name, name.target.text)};
  }

  void write_pihole(const model::Zone& zone, const model::ZoneProvider::Pihole& provider, const Name& name) {
    const model::Opt<model::Ip> ip = lab_.ip_of(*provider.device);
    const model::Named* device = lab_.named(*provider.device);
    if (!ip || device == nullptr) return;
    const auto [list, value] = pihole_entry(name);
    draft_.needs_product("pihole", ">=6 <7");  // 6 has this API
    Step& step = draft_.step(id_of(fmt::format("record/{}", zone.name), name), "dns.record/1", group_,
                             fmt::format("{} {}", name.target.type, name.name), name.at);
    step.of = name.of;
    step.key.set("server", device->name).set("type", name.target.type).set("name", name.name);
    if (name.several) step.key.set("content", name.target.text);
    step.desired.set("provider", "pihole");
    Map api = step.desired.map("api", provider.at);
    const std::string host =
        ip->family == types::Family::v6 ? fmt::format("[{}]", ip->format()) : ip->format();
    api.set("endpoint", *provider.port == 443 ? fmt::format("https://{}", host)
                                              : fmt::format("https://{}:{}", host, *provider.port));
    api.set("password",
            draft_.text(*provider.password, fmt::format("zone/{}/password", zone.name), provider.password.at),
            provider.password.at);
    if (!*provider.verify_tls) api.set("verify_tls", false, provider.verify_tls.at);
    step.desired.map("entry").set("list", list).set("value", value);
    step.on_change = {{"entry", "replace"}};
    step.needs.push_back(draft_.pool(fmt::format("pihole:{}", device->name), 1));
  }

  // ---- routers
  /// A router without an API in the lab is told by a person.
  void ask_for(const model::Zone& zone, const std::vector<Name>& names) {
    std::string lines;
    for (const Name& name : names)
      lines += fmt::format("\n{} {} {}", name.name, name.target.type, name.target.text);
    const std::string key = id_text(fmt::format("zone/{}", zone.name));
    Step& step = draft_.step(fmt::format("approve/{}", key), "approve/1", group_,
                             fmt::format("names of zone {}", zone.name), zone.at);
    step.of = lab_.any_of(zone);
    step.key.set("name", key);
    step.approve = fmt::format("Let the router answer for the zone {}:{}", zone.name, lines);
    step.desired.set("message", step.approve);
  }

  Draft& draft_;
  const model::Lab& lab_;
  std::vector<std::vector<Name>> names_;  // by zone
  std::string group_;
};

}  // namespace

void add_names(Draft& draft) {
  Zones(draft).run();
}

}  // namespace lab::lower::plan
