// cloudflare.record/1: a DNS record. Records of one name and type may be several, so ours is the one whose
// comment bears our marker; one without it that says the same, or that leaves no room for ours (CNAME), is
// foreign.
#include <fmt/format.h>

#include "runtime/drivers/cloudflare/api.h"
#include "runtime/drivers/cloudflare/drivers.h"
#include "runtime/drivers/common/driver.h"
#include "runtime/drivers/common/encode.h"

namespace lab::drivers::cloudflare {
namespace {

/// The record as it shall be, with what earlier steps gave. Null content: an output that is not known yet.
Outcome<Json> wanted(Context& context, const Step& step) {
  Json record = step.desired.at("record");
  auto content = context.value(record.at("content"));
  if (!content) return content.error();
  record["content"] = *content;
  return record;
}

struct Seen {
  std::string zone, id;
  Json record;      // ours, or null
  Json in_the_way;  // somebody else's, or null
};

class Record final : public engine::Driver {
 public:
  Task<Outcome<Probe>> probe(Context& context, const Step& step) override {
    auto want = wanted(context, step);
    if (!want) co_return want.error();
    auto looking = look(context, step, *want);
    auto seen = co_await std::move(looking);
    if (!seen) co_return seen.error();
    Probe probe;
    if (!seen->record.is_null()) {
      for (const auto& [name, value] : want->items())
        if (seen->record.value(name, Json()) != value)
          probe.differences.push_back({"record." + name, seen->record.value(name, Json()), value});
      probe.found = probe.differences.empty() ? Found::same : Found::different;
      probe.fingerprint = seen->id + " " + plan::sha256_hex(seen->record.dump());
    } else if (!seen->in_the_way.is_null()) {
      probe.found = Found::foreign;
      probe.note = fmt::format("{} {} is there without this lab's mark: {}", want->value("type", ""),
                               want->value("name", ""), seen->in_the_way.value("content", ""));
    }
    co_return probe;
  }

  Task<Outcome<Outputs>> act(Context& context, const Step& step, const Probe&) override {
    auto want = wanted(context, step);
    if (!want) co_return want.error();
    auto looking = look(context, step, *want);
    auto seen = co_await std::move(looking);
    if (!seen) co_return seen.error();
    const bool made = seen->record.is_null();
    auto writing =
        call(context, step.desired.at("api"), made ? "POST" : "PATCH",
             fmt::format("/zones/{}/dns_records{}{}", seen->zone, made ? "" : "/", seen->id), *want);
    auto written = co_await std::move(writing);
    if (!written) co_return written.error();
    co_return Outputs{};
  }

  Task<Outcome<Nothing>> destroy(Context& context, const Step& step, const Probe&) override {
    auto looking = look(context, step, step.desired.at("record"));
    auto seen = co_await std::move(looking);
    if (!seen) co_return seen.error();
    if (seen->record.is_null()) co_return Nothing{};
    auto deleting = call(context, step.desired.at("api"), "DELETE",
                         fmt::format("/zones/{}/dns_records/{}", seen->zone, seen->id), Json());
    auto deleted = co_await std::move(deleting);
    if (!deleted) co_return deleted.error();
    co_return Nothing{};
  }

 private:
  static Task<Outcome<Seen>> look(Context& context, const Step& step, Json want) {
    auto finding = find_zone(context, step.desired.at("api"), step.desired.at("zone"));
    auto zone = co_await std::move(finding);
    if (!zone) co_return zone.error();
    Seen seen;
    seen.zone = zone->id;
    auto listing = call(context, step.desired.at("api"), "GET",
                        fmt::format("/zones/{}/dns_records?name={}&per_page=100", zone->id,
                                    percent_encode(want.value("name", ""))),
                        Json());
    auto records = co_await std::move(listing);
    if (!records) co_return records.error();
    const std::string type = want.value("type", "");
    for (const Json& each : *records) {
      const std::string other = each.value("type", "");
      const bool ours = other == type && each.value("comment", Json()) == want.value("comment", Json());
      if (ours) {
        seen.id = each.value("id", "");
        seen.record = each;
      } else if (other == "CNAME" || (type == "CNAME" && (other == "A" || other == "AAAA")) ||
                 (other == type && each.value("content", Json()) == want.value("content", Json()))) {
        seen.in_the_way = each;
      }
    }
    co_return seen;
  }
};

}  // namespace

std::unique_ptr<engine::Driver> make_record() {
  return std::make_unique<Record>();
}

}  // namespace lab::drivers::cloudflare
