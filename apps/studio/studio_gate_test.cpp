// Who may ask: each row of the table of threats that the gate answers.
#include "apps/studio/events.h"
#include "apps/studio/gate.h"
#include "apps/studio/ids.h"
#include "apps/studio/test_client.h"

namespace reverie::studio {
namespace {

const std::string token(64, 'a');

Request ask(const std::string& method, const std::string& path) {
  Request request;
  request.method = method;
  request.path = path;
  request.headers.emplace("host", "127.0.0.1:7349");
  request.headers.emplace("authorization", "Reverie " + token);
  return request;
}

class GateTest : public testing::Test {
 protected:
  int status(Request request) {
    const auto refusal = gate_.refusal(request);
    return refusal ? refusal->status : 200;
  }
  Gate gate_{{token, 7349, {"dreambox.local"}}};
};

TEST_F(GateTest, TheOwnPageMayAsk) {
  Request request = ask("POST", "/api/1/jobs");
  request.headers.emplace("origin", "http://127.0.0.1:7349");
  request.headers.emplace("sec-fetch-site", "same-origin");
  EXPECT_EQ(status(request), 200);
}

TEST_F(GateTest, AnotherHostIsRefusedBeforeAnything) {
  for (const char* host : {"evil.example", "evil.example:7349", "127.0.0.1", "127.0.0.1:7350",
                           "localhost.evil:7349", "127.0.0.1:7349.evil", ""}) {
    Request request = ask("GET", "/");
    request.headers.erase("host");
    request.headers.emplace("host", host);
    EXPECT_EQ(status(request), 403) << host;
  }
  for (const char* host :
       {"localhost:7349", "[::1]:7349", "dreambox.local", "dreambox.local:7349"}) {
    Request request = ask("GET", "/api/1/jobs");
    request.headers.erase("host");
    request.headers.emplace("host", host);
    EXPECT_EQ(status(request), 200) << host;
  }
}

TEST_F(GateTest, NoHostAndTwoHostsAreRefused) {
  Request none = ask("GET", "/");
  none.headers.erase("host");
  EXPECT_EQ(status(none), 403);
  Request two = ask("GET", "/");
  two.headers.emplace("host", "127.0.0.1:7349");
  EXPECT_EQ(status(two), 403);
}

TEST_F(GateTest, OtherPagesAreRefusedEvenWithTheToken) {
  for (const char* origin : {"http://127.0.0.1:8712", "https://127.0.0.1:7349", "null",
                             "http://localhost:7349", "http://127.0.0.1:7349.evil"}) {
    Request request = ask("POST", "/api/1/jobs");
    request.headers.emplace("origin", origin);
    EXPECT_EQ(status(request), 403) << origin;
  }
  for (const char* site : {"same-site", "cross-site"}) {
    Request request = ask("GET", "/api/1/jobs");
    request.headers.emplace("sec-fetch-site", site);
    EXPECT_EQ(status(request), 403) << site;
  }
}

TEST_F(GateTest, ThePageItselfMayBeLinkedTo) {
  Request request = ask("GET", "/");
  request.headers.erase("authorization");
  request.headers.emplace("sec-fetch-site", "cross-site");
  EXPECT_EQ(status(request), 200);
  request.method = "POST";
  EXPECT_EQ(status(request), 405);
}

TEST_F(GateTest, TheTokenIsNeededOnLoopbackToo) {
  for (const std::string& given :
       std::vector<std::string>{"", "Reverie " + std::string(64, 'b'), token, "Bearer " + token,
                                "Reverie " + token + "a", "Reverie "}) {
    Request request = ask("GET", "/api/1/dreams");
    request.headers.erase("authorization");
    if (!given.empty()) request.headers.emplace("authorization", given);
    EXPECT_EQ(status(request), 403) << given;
  }
}

TEST_F(GateTest, GuessingIsSlow) {
  Request wrong = ask("GET", "/api/1/dreams");
  wrong.headers.erase("authorization");
  wrong.headers.emplace("authorization", "Reverie " + std::string(64, 'b'));
  for (int i = 0; i < 20; ++i) EXPECT_EQ(status(wrong), 403);
  EXPECT_EQ(status(wrong), 429);
  EXPECT_EQ(status(ask("GET", "/api/1/dreams")), 429);  // the right one would tell
}

TEST_F(GateTest, APrefixOpensWhatCannotCarryAHeaderAndOnlyReads) {
  const std::string prefix = gate_.new_prefix();
  Request request = ask("GET", prefix + "/api/1/events");
  request.headers.erase("authorization");
  ASSERT_FALSE(gate_.refusal(request));
  EXPECT_EQ(request.path, "/api/1/events");
  Request post = ask("POST", prefix + "/api/1/jobs");
  EXPECT_EQ(status(post), 403);
  EXPECT_EQ(status(ask("GET", "/s/" + std::string(32, '0') + "/api/1/events")), 403);
  EXPECT_EQ(status(ask("GET", prefix + "/token")), 403);
  EXPECT_EQ(status(ask("GET", "/s/")), 403);
}

TEST_F(GateTest, EveryAnswerSaysWhatThePageMayLoad) {
  Response response;
  response.headers.emplace_back("Cache-Control", "no-cache");
  add_safety_headers(response);
  std::string all;
  for (const auto& [name, value] : response.headers) all += name + ": " + value + "\n";
  for (const char* part : {"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'",
                           "X-Content-Type-Options: nosniff", "Referrer-Policy: no-referrer",
                           "Cache-Control: no-cache"})
    EXPECT_NE(all.find(part), std::string::npos) << part;
  EXPECT_EQ(all.find("no-store"), std::string::npos);
}

TEST(Ids, AreOrderedByTimeAndRecognized) {
  const std::string earlier = new_dream_id(1000), later = new_dream_id(1001);
  EXPECT_LT(earlier, later);
  EXPECT_TRUE(is_dream_id(earlier));
  EXPECT_NE(new_dream_id(5), new_dream_id(5));
  for (const char* no : {"", "..", "01M8DK5WZ19RW4JSXX4RWR70B", "01M8DK5WZ19RW4JSXX4RWR70BI",
                         "01M8DK5WZ19RW4JSXX4RWR70B4/", "01m8dk5wz19rw4jsxx4rwr70b4"})
    EXPECT_FALSE(is_dream_id(no)) << no;
  EXPECT_TRUE(is_asset_id(random_hex(32)));
  EXPECT_FALSE(is_asset_id(random_hex(31)));
  EXPECT_FALSE(is_asset_id(std::string(63, 'a') + "/"));
  EXPECT_TRUE(equal_secrets("abc", "abc"));
  EXPECT_FALSE(equal_secrets("abc", "abd"));
  EXPECT_FALSE(equal_secrets("abc", "ab"));
}

TEST(EventLog, GoesOnWhereAPageStoppedOrSaysThatItCannot) {
  EventLog log(3);
  int told = 0;
  log.on_event([&] { ++told; });
  for (const char* name : {"a", "b", "c", "d"}) log.publish(name, "{}");
  EXPECT_EQ(told, 4);
  EXPECT_TRUE(log.after(4).empty());
  ASSERT_EQ(log.after(2).size(), 2u);
  EXPECT_EQ(log.after(2)[0].name, "c");
  EXPECT_EQ(log.after(1)[0].name, "b");
  EXPECT_EQ(log.after(0)[0].name, "resync");  // "a" is forgotten
  EXPECT_EQ(log.after(9)[0].name, "resync");  // of an earlier process
  EXPECT_EQ(log.after(9)[0].number, 4);
  EXPECT_EQ(event_text({7, "job", "{\"a\":1}"}), "id: 7\nevent: job\ndata: {\"a\":1}\n\n");
}

}  // namespace
}  // namespace reverie::studio
