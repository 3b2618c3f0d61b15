#include "runtime/simulator/edge/factory.h"

#include "runtime/plan/plan.h"

namespace lab::simulator::edge {

HttpReply Factory::handle(const HttpRequest& request) {
  constexpr std::string_view root = "/schematics";
  Json& known = world_.part("factory");
  if (known.is_null()) known = Json::object();
  HttpReply reply;
  reply.headers = {{"Content-Type", "application/json"}};
  if (request.method == "POST" && request.path == root) {
    // What labc emits is canonical already: the id is the hash of the bytes.
    const std::string id = plan::sha256_hex(request.body);
    if (!known.contains(id)) world_.wrote("POST /schematics");
    known[id] = true;
    reply.status = 201;
    reply.reason = "Created";
    reply.body = Json{{"id", id}, {"schematic", request.body}}.dump();
    return reply;
  }
  const std::string id =
      request.path.rfind(std::string(root) + "/", 0) == 0 ? request.path.substr(root.size() + 1) : "";
  reply.status = known.contains(id) ? 200 : 404;
  reply.reason = known.contains(id) ? "OK" : "Not Found";
  reply.body = known.contains(id) ? Json{{"id", id}}.dump() : "{}";
  return reply;
}

}  // namespace lab::simulator::edge
