#include <catch2/catch.hpp>
#include <type_traits>

#include "compiler/types/quantity.h"

using namespace lab::types;

namespace {

template <class T>
T get(std::string_view text) {
  const auto parsed = parse_quantity(text);
  INFO(text);
  REQUIRE(parsed);
  REQUIRE(std::holds_alternative<T>(*parsed));
  return std::get<T>(*parsed);
}
std::string suggestion(std::string_view text) {
  const auto parsed = parse_quantity(text);
  INFO(text);
  REQUIRE_FALSE(parsed);
  REQUIRE_FALSE(parsed.problem().reason.empty());
  return parsed.problem().suggestion;
}

static_assert(std::is_trivially_copyable_v<Quantity>);
constexpr std::int64_t gib = std::int64_t{1} << 30;

}  // namespace

TEST_CASE("sizes", "[types]") {
  CHECK(get<Size>("64GiB").bytes == 64 * gib);
  CHECK(get<Size>("1B").bytes == 1);
  CHECK(get<Size>("3KB").bytes == 3000);
  CHECK(get<Size>("1.8TiB").bytes == 1979120929996);
  CHECK(get<Size>("0.5GiB").bytes == gib / 2);
  CHECK(get<Size>("1GB").decimal);
  CHECK_FALSE(get<Size>("1GiB").decimal);
  CHECK(get<Size>("1024MiB") == get<Size>("1GiB"));
  CHECK(get<Size>("1024B") == get<Size>("1.024KB"));
  CHECK(get<Size>("1GB") < get<Size>("1GiB"));
  CHECK_FALSE(parse_quantity("1.5B"));
  CHECK_FALSE(parse_quantity("9999999999TiB"));
  CHECK_FALSE(parse_quantity("99999999999999999999999B"));
  CHECK_FALSE(parse_quantity("0.1234567890123456789GiB"));

  CHECK(get<Size>("1.8TiB").format() == "1.8TiB");
  CHECK(get<Size>("1536MiB").format() == "1.5GiB");
  CHECK(get<Size>("1024MiB").format() == "1GiB");
  CHECK(get<Size>("1000MB").format() == "1GB");
  CHECK(get<Size>("512MiB").format() == "512MiB");
  CHECK(get<Size>("0B").format() == "0B");
  CHECK((Size{-gib}).format() == "-1GiB");
  CHECK((Size{INT64_MIN + 1}).format().front() == '-');

  CHECK(get<Size>("256MiB").to_kubernetes() == "256Mi");
  CHECK(get<Size>("1GiB").to_kubernetes() == "1Gi");
  CHECK(get<Size>("1.5GiB").to_kubernetes() == "1536Mi");
  CHECK(get<Size>("1.8TiB").to_kubernetes() == "1979120929996");
  CHECK(get<Size>("1.5GB").to_kubernetes() == "1500M");
  CHECK(get<Size>("3KB").to_kubernetes() == "3k");
  CHECK(get<Size>("0GiB").to_kubernetes() == "0");
  CHECK(get<Size>("10TiB").to_kubernetes() == "10Ti");
}

TEST_CASE("durations", "[types]") {
  CHECK(get<Duration>("15ms").ms == 15);
  CHECK(get<Duration>("1.5h").ms == 5400000);
  CHECK(get<Duration>("14d").ms == 14 * 86400000ll);
  CHECK(get<Duration>("50m").ms == 3000000);
  CHECK_FALSE(parse_quantity("0.5ms"));
  CHECK(get<Duration>("14d").format() == "14d");
  CHECK(get<Duration>("24h").format() == "1d");
  CHECK(get<Duration>("90s").format() == "90s");
  CHECK(get<Duration>("1.5s").format() == "1500ms");
  CHECK(get<Duration>("0m").format() == "0s");

  CHECK(get<Duration>("5m").to_go() == "5m0s");
  CHECK(get<Duration>("14d").to_go() == "336h0m0s");
  CHECK(get<Duration>("1500ms").to_go() == "1.5s");
  CHECK(get<Duration>("100ms").to_go() == "100ms");
  CHECK(get<Duration>("10s").to_go() == "10s");
  CHECK(get<Duration>("90.01s").to_go() == "1m30.01s");
  CHECK(get<Duration>("0s").to_go() == "0s");
  CHECK((Duration{-5400000}).to_go() == "-1h30m0s");

  CHECK(get<Duration>("5m").to_compact() == "5m");
  CHECK(get<Duration>("90m").to_compact() == "1h30m");
  CHECK(get<Duration>("1.5s").to_compact() == "1s500ms");
  CHECK(get<Duration>("0s").to_compact() == "0s");
  CHECK((Duration{-60000}).to_compact() == "-1m");

  CHECK(get<Duration>("5m").to_seconds() == 300);
  CHECK(get<Duration>("100ms").to_seconds() == 1);
  CHECK(get<Duration>("1500ms").to_seconds() == 2);
  CHECK(get<Duration>("0s").to_seconds() == 0);
}

TEST_CASE("rates, cores and percentages", "[types]") {
  CHECK(get<Rate>("2.5Gbps").bits == 2500000000);
  CHECK(get<Rate>("2500Mbps").format() == "2.5Gbps");
  CHECK(get<Rate>("100Mbps").format() == "100Mbps");
  CHECK(get<Rate>("0.5Mbps").format() == "0.5Mbps");
  CHECK(get<Cores>("50mcpu").millicpu == 50);
  CHECK(get<Cores>("50mcpu").to_kubernetes() == "50m");
  CHECK(Cores::parse("2")->to_kubernetes() == "2");
  CHECK(Cores::parse("0.5")->to_kubernetes() == "500m");
  CHECK(Cores::parse("0.5")->format() == "500mcpu");
  CHECK(Cores::parse("1500mcpu")->format() == "1500mcpu");
  CHECK(Cores::parse("2000mcpu")->format() == "2");
  CHECK(Cores::parse("50m").problem().suggestion == "50mcpu");
  for (const char* bad : {"", "mcpu", "m", "x", "0.0005", "0.5mcpu", "-1", "1.", ".5", "1.2.3"}) {
    INFO(bad);
    REQUIRE_FALSE(Cores::parse(bad));
    CHECK(Cores::parse(bad).problem().suggestion.empty());
  }
  CHECK(get<Percent>("20%").format() == "20%");
  CHECK(get<Percent>("12.5%").format() == "12.5%");
  CHECK(get<Percent>("0.25%").hundredths == 25);
  CHECK_FALSE(parse_quantity("0.001%"));
  CHECK(*get<Percent>("25%").of(10) == 2);
  CHECK(*get<Percent>("50%").of(-3) == -2);
  CHECK(*get<Percent>("100%").of(INT64_MAX) == INT64_MAX);
  CHECK(*get<Percent>("99.99%").of(1000000) == 999900);
  CHECK_FALSE(get<Percent>("200%").of(INT64_MAX));
}

TEST_CASE("wrong units get the right spelling", "[types]") {
  const std::pair<const char*, const char*> offers[] = {
      {"32Gi", "32GiB"},        {"512Mi", "512MiB"},   {"15 d", "15d"},
      {"1.5 GiB", "1.5GiB"},    {"64gb", "64GB"},      {"64Gib", "64GiB"},
      {"1Pi", "1024TiB"},       {"1.5PiB", "1536TiB"}, {"30sec", "30s"},
      {"5min", "5m"},           {"2w", "14d"},         {"3 weeks", "21d"},
      {"10S", "10s"},           {"1D", "1d"},          {"500MS", "500ms"},
      {"100mbps", "100Mbps"},   {"1gbps", "1Gbps"},    {"1Tbps", "1000Gbps"},
      {"10Gbit", "10Gbps"},     {"2cpu", "2"},         {"4cores", "4"},
      {"50millicpu", "50mcpu"}, {"20percent", "20%"},  {"512M", "512MiB"},
      {"1G", "1GiB"},           {"3 Minutes", "3m"},
  };
  for (const auto& [wrong, right] : offers) CHECK(suggestion(wrong) == right);
  for (const char* hopeless :
       {"5parsec", "5", "GiB", "", "1..5GiB", "1.GiB", ".5GiB", "5us", "-5GiB", "5GiBs", "0.3PiB", "5GiB "})
    CHECK(suggestion(hopeless).empty());
  CHECK(parse_quantity("32Gi").problem().reason == "`Gi` is not a unit");
  CHECK(parse_quantity("15 d").problem().reason == "`15 d` has a space before its unit");
}

TEST_CASE("what is offered parses", "[types]") {
  for (const char* wrong : {"32Gi", "15 d", "2w", "1Pi", "64gb", "512M", "20 percent", "7 MBps", "3Ki"})
    CHECK(parse_quantity(suggestion(wrong)));
}

TEST_CASE("a formatted quantity reads back as itself", "[types]") {
  std::uint64_t state = 7;
  const auto next = [&state] {
    return (state = state * 6364136223846793005ull + 1442695040888963407ull) >> 1;
  };
  for (int i = 0; i < 20000; ++i) {
    const auto n = static_cast<std::int64_t>(next() >> (next() % 63));
    CHECK(get<Size>(Size{n, false}.format()) == Size{n});
    CHECK(get<Size>(Size{n, true}.format()) == Size{n});
    CHECK(get<Duration>(Duration{n}.format()) == Duration{n});
    CHECK(*Cores::parse(Cores{n}.format()) == Cores{n});
    CHECK(get<Percent>(Percent{n}.format()) == Percent{n});
    CHECK(get<Rate>(Rate{n}.format()) == Rate{n});
  }
  for (int tenths = 10; tenths < 200; ++tenths) {
    const std::string text = std::to_string(tenths / 10) + '.' + std::to_string(tenths % 10) + "TiB";
    const std::string back = get<Size>(text).format();
    CHECK(back.size() <= text.size());
    CHECK(get<Size>(back) == get<Size>(text));
  }
}

TEST_CASE("arithmetic of quantities", "[types]") {
  const Size a{3 * gib}, b{gib};
  CHECK(*plus(a, b) == Size{4 * gib});
  CHECK(*minus(b, a) == Size{-2 * gib});
  CHECK(*times(b, 3) == a);
  CHECK(*divided(a, 2) == Size{3 * gib / 2});
  CHECK(divided(a, 0).problem().reason == "division by zero");
  CHECK(ratio(a, b) == 3.0);
  CHECK_FALSE(ratio(a, Size{}));
  CHECK(times(Size{INT64_MAX}, 2).problem().reason == "the result is too large");
  CHECK_FALSE(plus(Duration{INT64_MAX}, Duration{1}));
  CHECK_FALSE(minus(Duration{INT64_MIN}, Duration{1}));
  CHECK_FALSE(divided(Cores{INT64_MIN}, -1));
  CHECK(plus(Size{1, true}, Size{1, true})->decimal);
  CHECK_FALSE(plus(Size{1, true}, Size{1, false})->decimal);
  CHECK(times(Size{1, true}, 2)->decimal);
  CHECK(type_name(Quantity{Rate{}}) == "rate");
  CHECK(format(Quantity{Duration{1000}}) == "1s");
}
