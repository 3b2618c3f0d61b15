#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "compiler/types/text.h"

using namespace lab::types;

namespace {

using Texts = std::vector<std::string>;
struct Offer {
  std::string wrong;
  std::string right;
};

/// `check` accepts all of `good`, refuses all of `bad` with a reason, and offers what `offers` says, which it
/// accepts.
template <class F>
void judge(F check, const Texts& good, const Texts& bad, const std::vector<Offer>& offers) {
  for (const std::string& text : good) {
    const Check fault = check(text);
    INFO(text << ": " << (fault ? fault->reason : ""));
    CHECK_FALSE(fault);
  }
  for (const std::string& text : bad) {
    INFO(text);
    const Check fault = check(text);
    REQUIRE(fault);
    CHECK_FALSE(fault->reason.empty());
    CHECK(fault->suggestion.empty());
  }
  for (const auto& [wrong, right] : offers) {
    INFO(wrong);
    const Check fault = check(wrong);
    REQUIRE(fault);
    CHECK(fault->suggestion == right);
    CHECK_FALSE(check(right));
  }
}

/// A parser as a check.
template <class T>
auto as_check(Result<T> (*parse)(std::string_view)) {
  return [parse](std::string_view text) -> Check {
    const auto result = parse(text);
    return result ? Check() : Check(result.problem());
  };
}

std::string reason(const Check& check) {
  return check ? check->reason : std::string();
}

const std::string label63(63, 'a'), label64(64, 'a');

}  // namespace

TEST_CASE("host names", "[types]") {
  const auto plain = [](std::string_view text) { return check_hostname(text); };
  const auto wild = [](std::string_view text) { return check_hostname(text, true); };
  judge(plain,
        {"example.net", "a", "2fauth", "123", "talos-cp01.int.example.net", "xn--bcher-kva.example",
         label63 + ".net", "1.2.3.4a"},
        {"", "1.2.3.4", "a..b", "-", label64 + ".net", "*.example.net", "*", "exa$mple.net", "bücher.example",
         label63 + "." + label63 + "." + label63 + "." + label63},
        {{"Example.NET", "example.net"},
         {"my_host.net", "my-host.net"},
         {"example.net.", "example.net"},
         {"-a.net", "a.net"},
         {"my host", "my-host"}});
  judge(wild, {"*", "*.example.net", "example.net"}, {"a.*.net", "*.", "*a.net", "*.1.2"},
        {{"*.Example.net", "*.example.net"}});
  CHECK(reason(check_hostname("bücher.example")).find("xn--") != std::string::npos);
}

TEST_CASE("Kubernetes names", "[types]") {
  judge(check_dns_label, {"a", "media", "2fauth", "a--b", label63}, {"", "-", label64, "a/b"},
        {{"Media", "media"}, {"my_app", "my-app"}, {"a.b", "a-b"}, {"app-", "app"}});
  judge(check_dns_subdomain, {"a", "a.b-c.d", "10"}, {"", ".", "a..b", std::string(254, 'a')},
        {{"My.App", "my.app"}, {"a.b.", "a.b"}});
  judge(check_label_key, {"app", "app.kubernetes.io/name", "Upper_Case.x", label63, "a/b"},
        {"", "/", "a/", "/a", "a/b/c", "-a", "a-", label64, "UPPER.io/x", "a b"}, {});
  judge(check_label_value, {"", "web", "v1.2_3-X", label63}, {"-a", "a-", label64, "a b", "a/b", "é"}, {});
  judge(check_port_name, {"http", "a", "web-2", "2b", std::string(15, 'a')},
        {"", "80", "a--b", std::string(16, 'a')}, {{"HTTP", "http"}, {"web_ui", "web-ui"}, {"-a", "a"}});
  judge(check_env_name, {"TZ", "SONARR__AUTH__APIKEY", "a.b-c", "_x", ".x"},
        {"", "1A", "A=B", "A B", ".", "..", "..x", "É"}, {});
}

TEST_CASE("URLs", "[types]") {
  judge(check_url,
        {"https://git.example.net/homelab.git", "http://localhost:8080", "ssh://git@github.com/x/y.git",
         "oci://ghcr.io/org/charts", "https://10.0.0.1:6443", "https://[fd00::1]:6443/x",
         "git+https://host/x?rev=abc#part", "https://user:pass@host/", "https://host?x=%20",
         "redis://cache.immich:6379", "s3://bucket"},
        {"", "https://", "https:///path", "http://host:0", "http://host:99999", "http://host:x",
         "http://a b/", "http://host/a\"b", "http://host/%2", "http://host/%zz", "gopher://x", "http://[::1",
         "http://[1.2.3.4]/", "http://1.2.3.400/", "://host", "just text"},
        {{"example.net/x", "https://example.net/x"},
         {"https:/example.net", "https://example.net"},
         {"//example.net", "https://example.net"},
         {"htpps://example.net/a", "https://example.net/a"},
         {"HTTPS://example.net", "https://example.net"},
         {"git@github.com:me/homelab.git", "ssh://git@github.com/me/homelab.git"},
         {"https://Example.net:8443/A", "https://example.net:8443/A"},
         {"https://u@my_host/x", "https://u@my-host/x"}});
}

TEST_CASE("paths", "[types]") {
  judge(check_path, {"/", ".", "/config", "out/kubernetes", "/mnt/tank/media files", "a.b"},
        {"", "..", "/a/../b", "~/x", "a\nb", std::string("a\0b", 3)},
        {{"/config/", "/config"}, {"//config", "/config"}, {"./lib", "lib"}, {"/a/./b", "/a/b"}});
  judge(check_absolute_path, {"/", "/config"}, {"", ".", "~", "../x"},
        {{"config", "/config"}, {"./a/", "/a"}, {"/a/", "/a"}});
}

TEST_CASE("e-mail and PCI addresses", "[types]") {
  judge(check_email, {"ops@example.net", "a.b+c@x.y.org", "o'x@Example.net"},
        {"", "ops", "@example.net", "ops@", "ops@host", "a..b@x.org", ".a@x.org", "a.@x.org", "a b@x.org",
         "a@b@x.org", "ops@1.2.3.4", std::string(65, 'a') + "@x.org"},
        {});
  judge(check_pci_address, {"0000:09:00.0", "0000:0a:1f.7", "0000:09:00", "10de:09:00.0"},
        {"", "0000:09:20.0", "0000:09:00.8", "0000:09:00.", "09", "0000-09-00.0", "09:20.0"},
        {{"09:00.0", "0000:09:00.0"}, {"0000:0A:00.0", "0000:0a:00.0"}, {"0A:00", "0000:0a:00"}});
}

TEST_CASE("file modes and times", "[types]") {
  judge(as_check(parse_mode), {"0644", "0000", "1777", "7777"},
        {"", "0o644", "0648", "06444", "64", "rw-r--r--"}, {{"644", "0644"}});
  CHECK(*parse_mode("0644") == 0644);
  CHECK(*parse_mode("1777") == 01777);
  judge(as_check(parse_time), {"00:00", "23:59", "03:30"},
        {"", ":", "24:00", "12:60", "12", "0330", "12:5", "012:30", "1:2:3", "3pm"}, {{"3:30", "03:30"}});
  CHECK(*parse_time("03:30") == 210);
}

TEST_CASE("regular expressions", "[types]") {
  judge(check_regex,
        {"",
         "abc",
         "^[a-z][a-z0-9-]*$",
         "(a|b)+?",
         "a{2,5}b{3}c{4,}",
         "a{,5}",
         "{",
         "x{y}",
         "[]a]",
         "[^]]",
         "[a-]",
         "[[:alpha:]_]",
         "\\d+\\.\\d+",
         "(?:a)(?P<n>b)(?<m>c)",
         "(?i)abc",
         "(?i:abc)",
         "\\p{Greek}\\pL",
         "\\x41\\x{1F600}",
         "a|",
         "^*",
         "()*",
         "[\\]\\d-]",
         "\\bword\\b",
         "é+",
         "a{1000}"},
        {"(",        ")",     "(a",    "a)",        "[",       "[a",      "[^]",     "[]",
         "*a",       "+",     "?",     "a**",       "a{2}{3}", "a|*",     "(*a)",    "a{1001}",
         "a{5,2}",   "\\",    "a\\",   "[\\",       "\\1",     "\\y",     "\\Qa\\E", "[z-a]",
         "[[:alpha", "(?=a)", "(?!a)", "(?<=a)",    "(?<!a)",  "(?P<>a)", "(?P<a",   "(?P=a)",
         "(?#x)",    "(?",    "\\p",   "\\p{Greek", "\\x4",    "\\x{",    "\\x{}",   std::string(2000, '(')},
        {});
  CHECK(reason(check_regex("a(?=b)")) ==
        "`a(?=b)` is not a regular expression: looking ahead or behind is not supported");
  CHECK(check_regex(std::string(1000000, '{') + "("));
}

TEST_CASE("no prefix of an expression trips the reader", "[types]") {
  const std::string text = "^(?P<a>[^]\\d[:alpha:]a-z\\x{1F}]{2,30}?|(?i:\\p{Greek})*)\\x41$";
  REQUIRE_FALSE(check_regex(text));
  for (std::size_t n = 0; n <= text.size(); ++n) {
    const std::string prefix = text.substr(0, n);
    const Check fault = check_regex(prefix);
    if (fault) CHECK(fault->reason.find('\0') == std::string::npos);
  }
}

TEST_CASE("image references", "[types]") {
  const std::string hex(64, 'a');
  const std::string full = "ghcr.io/home-operations/sonarr:4.0.16@sha256:" + hex;
  const auto image = Image::parse(full);
  REQUIRE(image);
  CHECK(image->registry == "ghcr.io");
  CHECK(image->repository == "home-operations/sonarr");
  CHECK(image->tag == "4.0.16");
  CHECK(image->digest == "sha256:" + hex);
  CHECK(image->has_digest());
  const std::string local_text = "registry.lan:5000/a/b";
  const auto local = Image::parse(local_text);
  REQUIRE(local);
  CHECK(local->registry == "registry.lan:5000");
  CHECK(local->tag.empty());
  CHECK_FALSE(local->has_digest());
  CHECK(Image::parse("nginx:1.27")->registry.empty());
  CHECK(Image::parse("library/nginx")->repository == "library/nginx");
  CHECK(Image::parse("localhost/x")->registry == "localhost");

  judge(as_check(Image::parse),
        {full, "nginx", "nginx:latest", "a__b/c-d.e--f", "[fd00::1]:5000/x:y", "10.0.0.5:5000/x",
         "x@sha512:" + hex + hex, "Registry.LAN/x", "x:" + std::string(128, 't')},
        {"",
         ":tag",
         "x:",
         "x@",
         "x@sha256:" + hex.substr(1),
         "x@sha256:" + hex + "a",
         "x@md5:" + hex,
         "x:" + std::string(129, 't'),
         "x:-t",
         "x:.t",
         "a//b",
         "/a",
         "a/",
         "a___b",
         "a_-b",
         "-a",
         "a-",
         "a..b",
         "a b",
         "x@sha256:" + std::string(64, 'G'),
         "bad_host.lan/x",
         "x.y:port/z",
         "x/" + std::string(254, 'a')},
        {{"https://ghcr.io/a/b:1", "ghcr.io/a/b:1"},
         {"ghcr.io/Home/Sonarr:V1", "ghcr.io/home/sonarr:V1"},
         {"Home/sonarr", "home/sonarr"}});
}

TEST_CASE("schedules", "[types]") {
  const auto cron = Cron::parse("*/15 3 1,15 JAN-mar,12 Mon-FRI");
  REQUIRE(cron);
  CHECK(cron->minutes == (1ull | 1ull << 15 | 1ull << 30 | 1ull << 45));
  CHECK(cron->hours == 1u << 3);
  CHECK(cron->days == (1u << 1 | 1u << 15));
  CHECK(cron->months == (1u << 1 | 1u << 2 | 1u << 3 | 1u << 12));
  CHECK(cron->weekdays == 0b111110);
  CHECK_FALSE((cron->any_day || cron->any_weekday));
  const auto every = Cron::parse("* * * * *");
  REQUIRE(every);
  CHECK(every->minutes == (1ull << 60) - 1);
  CHECK(every->hours == (1u << 24) - 1);
  CHECK(every->days == 0xfffffffe);
  CHECK(every->months == 0x1ffe);
  CHECK(every->weekdays == 127);
  CHECK((every->any_day && every->any_weekday));
  CHECK(Cron::parse("10-50/20 * * * *")->minutes == (1ull << 10 | 1ull << 30 | 1ull << 50));

  judge(
      as_check(Cron::parse),
      {"0 3 * * *", "  0  3 * * *  ", "0 0 29 2 *", "0 0 31 2 1", "59 23 31 12 6", "0-59 0-23 1-31 1-12 0-6"},
      {"",
       "* * * *",
       "60 * * * *",
       "* 24 * * *",
       "* * 0 * *",
       "* * 32 * *",
       "* * * 13 * ",
       "* * * 0 *",
       "* * * * 8",
       "x * * * *",
       "1, * * * *",
       ",1 * * * *",
       "1-2-3 * * * *",
       "*/0 * * * *",
       "*/x * * * *",
       "*/60 * * * *",
       "- * * * *",
       "1- * * * *",
       "0 0 31 2 *",
       "0 0 30,31 2 *",
       "0 0 31 4,6,9,11 *",
       "* * L * *",
       "? * * * *",
       "@reboot",
       "1 2 3 4 5 6",
       "* * mon * *",
       "1 2 3 4 5 6 7",
       "* * * * * @daily"},
      {{"@daily", "0 0 * * *"},
       {"@hourly", "0 * * * *"},
       {"0 0 3 * * *", "0 3 * * *"},
       {"0 3 * * 7", "0 3 * * 0"},
       {"0 3 * * 5-7", "0 3 * * 5-6,0"},
       {"0 3 * * 0-7", "0 3 * * *"},
       {"0 3 * * 1,6-7", "0 3 * * 1,6,0"},
       {"5/15 * * * *", "5-59/15 * * * *"},
       {"0 3 * * FRI-MON", "0 3 * * 5-6,0-1"},
       {"0 22-4 * * *", "0 22-23,0-4 * * *"}});
  CHECK(reason(as_check(Cron::parse)("0 25 * * *")) ==
        "`0 25 * * *` is not a schedule: in the hour, 25 is not between 0 and 23");
}

TEST_CASE("every single value and step of a schedule field is read", "[types]") {
  for (unsigned minute = 0; minute < 60; ++minute) {
    CHECK(Cron::parse(std::to_string(minute) + " * * * *")->minutes == 1ull << minute);
    if (minute == 0) continue;
    const auto stepped = Cron::parse("*/" + std::to_string(minute) + " * * * *");
    REQUIRE(stepped);
    for (unsigned n = 0; n < 60; ++n) CHECK(((stepped->minutes >> n & 1) != 0) == (n % minute == 0));
  }
}
