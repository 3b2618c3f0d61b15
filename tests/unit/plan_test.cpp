// Reading plans: what is accepted, and what each wrong plan is told.
#include "runtime/plan/plan.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "runtime/plan/versions.h"

using namespace lab::plan;

namespace {

std::string fixture_text() {
  std::ifstream in(LAB_ROOT "/tests/data/plan/1/every-kind.json");
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

Json fixture() {
  return Json::parse(fixture_text());
}

/// The plan with the id that its content has, so that only the content can be wrong.
Parsed parse_with_id(Json plan) {
  plan["plan_id"] = identify(plan);
  return parse(plan.dump());
}

/// All that is said of a plan, one line a problem.
std::string said_of(Json plan) {
  return render(parse_with_id(std::move(plan)).problems, "plan.json");
}

Json& step(Json& plan, std::string_view id) {
  return *std::ranges::find_if(plan["steps"], [&](const Json& s) { return s["id"] == id; });
}

using Catch::Matchers::Contains;

}  // namespace

TEST_CASE("a plan of version 1 is read, whatever later versions say") {
  const Parsed parsed = parse(fixture_text());
  INFO(render(parsed.problems, "every-kind.json"));
  REQUIRE(parsed.ok());
  const Plan& plan = parsed.plan;
  CHECK(plan.lab == "home");
  CHECK(plan.steps.size() == kinds().size());
  const Step* vm = plan.find_step("vm/cp1");
  REQUIRE(vm != nullptr);
  CHECK(vm->kind->kind == "proxmox.vm/1");
  CHECK(vm->protect);
  CHECK(vm->destroy == Destroy::remove);
  CHECK(vm->retry == Retry::task);
  CHECK(vm->timeout_s == 900);
  CHECK(vm->after_index == std::vector<std::uint32_t>{1});
  CHECK(plan.find_secret("pve-token")->from == Secret::From::env);
  CHECK(plan.find_secret("cf-token")->key == "cf-token");
  CHECK(plan.find_artifact("plan.sops.yaml")->sealed);
  CHECK(plan.find_pool("cloudflare")->limit == 4);
  CHECK(plan.find_step("approve/lease")->approve == "Reserve 192.0.2.51 for cp1.");
  CHECK(plan.find_step("nothing") == nullptr);
}

TEST_CASE("a whole lab's plan of version 1 is read") {
  std::ifstream in(LAB_ROOT "/tests/data/plan/1/talos-media.json");
  std::ostringstream text;
  text << in.rdbuf();
  const Parsed parsed = parse(text.str());
  INFO(render(parsed.problems, "talos-media.json"));
  REQUIRE(parsed.ok());
  CHECK(parsed.plan.steps.size() == 38);
}

TEST_CASE("the longest path decides what a change means") {
  const Parsed parsed = parse(fixture_text());
  const Step& vm = *parsed.plan.find_step("vm/cp1");
  CHECK(vm.change("params.cores") == OnChange::update);
  CHECK(vm.change("params.bios") == OnChange::replace);
  CHECK(vm.change("params.scsi0") == OnChange::refuse);
  CHECK(vm.change("params.scsi01") == OnChange::update);
  CHECK(vm.change("resize.scsi0") == OnChange::update);
  CHECK(vm.change("node") == OnChange::refuse);
}

TEST_CASE("a truncated plan is refused at any length") {
  const std::string text = fixture_text();
  const std::size_t whole = text.find_last_of('}') + 1;
  for (std::size_t length = 0; length < whole; length += 97) CHECK_FALSE(parse(text.substr(0, length)).ok());
}

TEST_CASE("an edited plan is refused: the id is the hash of the rest") {
  Json plan = fixture();
  step(plan, "vm/cp1")["desired"]["params"]["cores"] = 64;
  CHECK_THAT(render(parse(plan.dump()).problems, "p"), Contains("/plan_id: is not the hash of the plan"));
  plan = fixture();
  plan["plan_id"] = "sha256:" + std::string(64, '0');
  CHECK_FALSE(parse(plan.dump()).ok());
}

TEST_CASE("the id does not depend on layout or order of keys") {
  const Json plan = fixture();
  CHECK(parse(plan.dump()).ok());
  CHECK(parse(plan.dump(4)).ok());
  CHECK(identify(plan) == plan["plan_id"]);
  CHECK(canonical(plan).find("plan_id") == std::string::npos);
  CHECK(canonical({{"b", 1}, {"a", {"\xc3\xa9", true, nullptr}}}) ==
        "{\"a\":[\"\xc3\xa9\",true,null],\"b\":1}");
}

TEST_CASE("another version of the format is named") {
  Json plan = fixture();
  plan["format"] = "lab.plan/2";
  CHECK_THAT(said_of(plan),
             Contains("the plan has format \"lab.plan/2\", and this program reads \"lab.plan/1\""));
}

TEST_CASE("a plan says which labrun it is for") {
  Json plan = fixture();
  plan["requires"]["labrun"] = ">=99";
  CHECK_THAT(said_of(plan), Contains("/requires/labrun: the plan is for labrun >=99, and this is "));
  plan["requires"]["labrun"] = "newest";
  CHECK_THAT(said_of(plan), Contains("/requires/labrun: \"newest\" is no range of versions"));
  plan["requires"] = Json::object();
  CHECK(parse_with_id(plan).ok());
  CHECK(satisfies("0.4.1", ">=0.4 <0.6") == true);
  CHECK(satisfies("0.6", ">=0.4 <0.6") == false);
  CHECK(satisfies("0.10", ">0.9") == true);
  CHECK(satisfies("1.2.3", "=1.2.3") == true);
  CHECK(satisfies("1.2.3", "<=1.2") == false);
  for (const char* range : {"", "1", ">=", ">=1.", ">=a", ">=1  <2", ">=1.2.3.4"})
    CHECK(satisfies("1", range) == std::nullopt);
}

TEST_CASE("what JSON allows and a plan does not") {
  CHECK_THAT(render(parse("[1,").problems, "p"), Contains("is not JSON: parse error at line 1"));
  CHECK_THAT(render(parse("[]").problems, "p"), Contains("is array, not an object"));
  CHECK_THAT(render(parse(R"({"a":1,"a":2})").problems, "p"), Contains("the key `a` stands twice"));
  CHECK_THAT(render(parse(R"({"a":1.5})").problems, "p"), Contains("1.5 is not an integer"));
  CHECK_THAT(render(parse(std::string(10000, '[')).problems, "p"), Contains("nested deeper than 64"));
  CHECK_THAT(render(parse("\"\xff\"").problems, "p"), Contains("is not JSON"));
}

TEST_CASE("every object takes its fields and no others") {
  const Json plan = fixture();
  const auto refused = [&](auto change, const char* message) {
    Json wrong = plan;
    change(wrong);
    CHECK_THAT(said_of(wrong), Contains(message));
  };
  refused([](Json& p) { p["note"] = ""; }, "unknown field `note`");
  refused([](Json& p) { p["artifacts"][0]["note"] = ""; }, "/artifacts/0: unknown field `note`");
  refused([](Json& p) { p["steps"][0]["note"] = ""; }, "/steps/0: unknown field `note`");
  refused([](Json& p) { p["steps"][0]["key"]["note"] = ""; }, "/steps/0/key: unknown field `note`");
  refused([](Json& p) { step(p, "vm/cp1")["desired"]["api"]["user"] = ""; },
          "/desired/api: unknown field `user`");
  refused([](Json& p) { step(p, "vm/cp1")["desired"]["resize"][0]["to"] = ""; }, "unknown field `to`");
  refused([](Json& p) { p["secrets"][2]["file"] = "x"; }, "/secrets/2: unknown field `file`");
  refused([](Json& p) { p.erase("pools"); }, "the field `pools` is missing");
  refused([](Json& p) { p["steps"][0].erase("retry"); }, "/steps/0: the field `retry` is missing");
  refused([](Json& p) { step(p, "vm/cp1")["desired"].erase("params"); }, "the field `params` is missing");
}

TEST_CASE("values have their forms") {
  const Json plan = fixture();
  const auto refused = [&](auto change, const char* message) {
    Json wrong = plan;
    change(wrong);
    CHECK_THAT(said_of(wrong), Contains(message));
  };
  refused([](Json& p) { p["artifacts"][0]["sha256"] = "ABC"; }, "64 lower-case hexadecimal digits");
  for (const char* path : {"/etc/passwd", "../x", "a/../b", "a//b", "./a", "a\\b"})
    refused([&](Json& p) { p["artifacts"][0]["path"] = path; }, "is not a relative path");
  refused([](Json& p) { p["steps"][0]["id"] = "-x"; }, "is not a name of letters");
  refused([](Json& p) { p["steps"][0]["retry"] = "always"; },
          "\"always\" is none of none, request, task, poll");
  refused([](Json& p) { p["steps"][0]["timeout_s"] = 0; }, "is not a number from 1 to 86400");
  refused([](Json& p) { p["pools"][0]["limit"] = -1; }, "is not a number from 1");
  refused([](Json& p) { p["steps"][0]["protect"] = "no"; }, "is string, not true or false");
  refused([](Json& p) { p["steps"][0]["on_change"]["factory"] = "ask"; },
          "is none of update, replace, refuse");
  refused([](Json& p) { step(p, "power/cp1")["desired"]["state"] = "on"; }, "none of running, stopped");
  refused([](Json& p) { step(p, "vm/cp1")["desired"]["vmid"] = "101"; }, "is string, not an integer");
  refused([](Json& p) { step(p, "vm/cp1")["desired"]["params"]["x"] = nullptr; }, "is null, not a value");
  refused([](Json& p) { p["steps"] = Json::object(); }, "/steps: is object, not a list");
  refused([](Json& p) { p["steps"][0] = 3; }, "/steps/0: is number, not an object");
  refused([](Json& p) { p["steps"][0]["after"] = {"vm/cp1", "vm/cp1"}; }, "`vm/cp1` stands here twice");
}

TEST_CASE("names are unique and lead somewhere") {
  const Json plan = fixture();
  const auto refused = [&](auto change, const char* message) {
    Json wrong = plan;
    change(wrong);
    CHECK_THAT(said_of(wrong), Contains(message));
  };
  refused([](Json& p) { p["steps"].push_back(p["steps"][0]); }, "`schematic/3765` stands in the list twice");
  refused([](Json& p) { p["groups"].push_back(p["groups"][0]); },
          "/groups/3: `cluster/home` stands in the list twice");
  refused([](Json& p) { step(p, "vm/cp1")["after"] = {"image/none"}; },
          "after `image/none`, which is no step");
  refused([](Json& p) { step(p, "vm/cp1")["group"] = "host/none"; },
          "the group `host/none`, which is not listed");
  refused([](Json& p) { step(p, "vm/cp1")["needs"] = {"disk"}; }, "the pool `disk`, which is not listed");
  refused([](Json& p) { step(p, "vm/cp1")["kind"] = "proxmox.vm/2"; },
          "`proxmox.vm/2`, which this program does not");
  refused([](Json& p) { step(p, "vm/cp1")["outputs"] = {"ip"}; }, "proxmox.vm/1 does not yield `ip`");
  refused([](Json& p) { step(p, "vm/cp1")["on_change"]["disk"] = "update"; },
          "`disk` is no field of proxmox.vm/1");
  refused([](Json& p) { p["secrets"].erase(2); }, "there is no secret `pve-token`");
  refused([](Json& p) { p["artifacts"].erase(1); }, "the file `plan.sops.yaml` is not in `artifacts`");
  refused([](Json& p) { p["artifacts"][3]["sealed"] = true; },
          "`talos/home/cp1.yaml` is encrypted: name it by $sops");
  refused([](Json& p) { p["artifacts"][5]["sealed"] = false; }, "is not encrypted: name it by $artifact");
  refused(
      [](Json& p) {
        Json copy = step(p, "vm/cp1");
        copy["id"] = "vm/other";
        p["steps"].push_back(copy);
      },
      "`vm/cp1` and `vm/other` make one object");
}

TEST_CASE("references are what they look like") {
  const auto refused = [](Json reference, const char* message) {
    Json wrong = fixture();
    step(wrong, "vm/cp1")["desired"]["params"]["x"] = std::move(reference);
    CHECK_THAT(said_of(wrong), Contains(message));
  };
  refused({{"$secrt", "a"}}, "`$secrt` is no reference");
  refused({{"$secret", "a"}, {"b", "c"}}, "`$secret` is no reference");
  refused({{"$output", "no-dot"}}, "`$output` is no reference");
  refused({{"$output", "vm/none.id"}}, "there is no step `vm/none`");
  refused({{"$output", "schematic/3765.name"}}, "the step `schematic/3765` has no output `name`");
  Json wrong = fixture();
  step(wrong, "talos/home/bootstrap")["desired"]["talosconfig"] = "text";
  CHECK_THAT(said_of(wrong), Contains("is string, not a reference"));
}

TEST_CASE("an output is read after it is made") {
  Json wrong = fixture();
  step(wrong, "kubernetes/home/namespaces")["after"] = Json::array();
  const std::string said = said_of(wrong);
  CHECK_THAT(said, Contains("`kubernetes/home/namespaces` reads an output of `talos/home/kubeconfig`"));
  CHECK_THAT(said, Contains("`kubernetes/home/wait` reads an output of `talos/home/kubeconfig`"));
}

TEST_CASE("a circle is shown step by step") {
  Json wrong = fixture();
  step(wrong, "vm/cp1")["after"].push_back("talos/home/config/cp1");
  CHECK_THAT(said_of(wrong),
             Contains("`vm/cp1` after ") && Contains("`talos/home/config/cp1`") && Contains("cycle"));
  wrong = fixture();
  step(wrong, "script")["after"] = {"script"};
  CHECK_THAT(said_of(wrong), Contains("the order is a cycle: `script` after `script`"));
}

TEST_CASE("a sealed artifact needs no hash, others do") {
  Json plan = fixture();
  plan["artifacts"][1].erase("sha256");
  const Parsed parsed = parse_with_id(plan);
  INFO(render(parsed.problems, "p"));
  REQUIRE(parsed.ok());
  CHECK(parsed.plan.find_artifact("plan.sops.yaml")->sha256.empty());
  plan["artifacts"][3].erase("sha256");
  CHECK_THAT(said_of(plan), Contains("/artifacts/3: the field `sha256` is missing"));
}

TEST_CASE("a sealed artifact is a whole file of SOPS, and known by what it is found with") {
  Json json = fixture();
  json["artifacts"][1].erase("sha256");
  const Plan plan = parse_with_id(json).plan;
  const std::string whole =
      "token: ENC[AES256_GCM,data:aa,iv:aa,tag:aa,type:str]\nsops:\n    age:\n        - recipient: age1q\n"
      "          enc: x\n    lastmodified: \"2026-01-01T00:00:00Z\"\n    mac: ENC[AES256_GCM,data:aa,iv:aa,"
      "tag:aa,type:str]\n    version: 3.9.0\n";
  const auto load = [&](const std::string& text) {
    Plan copy = plan;
    const auto problems = load_artifacts(copy, [&](const std::string& path) -> std::optional<std::string> {
      return path == "plan.sops.yaml" ? text : path + "\n";
    });
    return std::pair(render(problems, "p"), copy);
  };
  const auto [said, loaded] = load(whole);
  CHECK(said.empty());
  CHECK(loaded.find_artifact("plan.sops.yaml")->sha256 == sha256_hex(whole));
  const std::string other = "more: 1\n" + whole;
  CHECK(identify_sealed(loaded) == identify_sealed(load(whole).second));
  CHECK(identify_sealed(loaded) != identify_sealed(load(other).second));
  for (std::size_t length = 0; length < whole.size(); ++length)
    CHECK_THAT(load(whole.substr(0, length)).first, Contains("`plan.sops.yaml` is no whole file of SOPS: "));
}

TEST_CASE("the files of a step are those that it names") {
  const Parsed parsed = parse(fixture_text());
  const Step* step = parsed.plan.find_step("talos/home/config/cp1");
  REQUIRE(step != nullptr);
  std::vector<std::string> paths;
  for (const Artifact* file : files_of(parsed.plan, *step)) paths.push_back(file->path);
  CHECK(paths == std::vector<std::string>{"talos/home/cp1.secrets.sops.yaml", "talos/home/cp1.yaml",
                                          "talos/home/talosconfig.sops.yaml"});
  CHECK(files_of(parsed.plan, *parsed.plan.find_step("vm/cp1")).empty());
}

TEST_CASE("artifacts are those the plan was made with") {
  Parsed parsed = parse(fixture_text());
  const auto as_made = [](const std::string& path) -> std::optional<std::string> { return path + "\n"; };
  CHECK(load_artifacts(parsed.plan, as_made).empty());
  const auto changed = [&](const std::string& path) -> std::optional<std::string> {
    if (path == "talos/home/cp1.yaml") return "other";
    if (path == "plan.sops.yaml") return std::nullopt;
    return as_made(path);
  };
  const std::string said = render(load_artifacts(parsed.plan, changed), "plan.json");
  CHECK_THAT(said, Contains("`plan.sops.yaml` cannot be read"));
  CHECK_THAT(said, Contains("`talos/home/cp1.yaml` is not the file this plan was made with"));
  CHECK(std::ranges::count(said, '\n') == 2);
}

TEST_CASE("ten thousand steps are read") {
  Json plan = fixture();
  const Json wait = step(plan, "kubernetes/home/wait");
  for (int i = 0; i < 10000; ++i) {
    Json copy = wait;
    copy["id"] = "wait/" + std::to_string(i);
    if (i > 0) copy["after"] = {"wait/" + std::to_string(i - 1)};
    plan["steps"].push_back(std::move(copy));
  }
  CHECK(parse_with_id(plan).ok());
}
