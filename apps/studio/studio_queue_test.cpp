// The queue: what comes next, what gives way, what a cancel and a stop mean.
#include "apps/studio/queue.h"

#include "apps/studio/ids.h"
#include "apps/studio/test_client.h"
#include "reverie/base/error.h"

namespace reverie::studio {
namespace {

using Json = nlohmann::json;

class QueueTest : public testing::Test {
 protected:
  void SetUp() override {
    add_named_bytes(store_, scratch_.path(), "sky.png");
    queue_.emplace(store_, events_);
  }

  std::string add(JobClass what, const std::string& name, const std::string& look = "") {
    JobRequest request;
    request.id = look.empty() ? new_dream_id(++time_) : "look-" + look;
    request.name = name;
    request.source = "asset:" + std::string(64, 'a');
    request.what = what;
    request.look_key = look;
    request.spec = job_of_kind(what == JobClass::film ? JobKind::zoom : JobKind::image, {});
    const std::string id = request.id;
    queue_->add(std::move(request), 2, 10, 20);
    return id;
  }

  std::string next() {
    const auto request = queue_->next(cancel_);
    return request ? request->name : "nothing";
  }
  std::string state(const std::string& id) {
    return Json::parse(*queue_->find(id)).at("state").get<std::string>();
  }
  std::string names_in_list() {
    const Json list = Json::parse(queue_->list());
    std::string names;
    for (const Json& job : list.at("jobs")) names += job.at("name").get<std::string>() + " ";
    return names;
  }

  ScratchFolder scratch_;
  Store store_{scratch_.path() / "studio"};
  EventLog events_;
  std::optional<Queue> queue_;
  std::shared_ptr<CancelToken> cancel_;
  std::int64_t time_ = 1000;
};

TEST_F(QueueTest, WorksByClassThenByOrder) {
  add(JobClass::film, "film");
  add(JobClass::dream, "first");
  add(JobClass::idle, "look", std::string(32, '1'));
  add(JobClass::dream, "second");
  add(JobClass::draft, "draft");
  EXPECT_EQ(names_in_list(), "draft first second film ");
  for (const char* name : {"draft", "first", "second", "film", "look"}) EXPECT_EQ(next(), name);
}

TEST_F(QueueTest, ANewerDraftReplacesTheOlderOne) {
  const std::string older = add(JobClass::draft, "older");
  next();
  add(JobClass::draft, "newer");
  EXPECT_TRUE(cancel_->cancelled());
  EXPECT_EQ(state(older), "cancelling");
  const std::string waiting = add(JobClass::draft, "newest");
  EXPECT_EQ(next(), "newest");
  EXPECT_EQ(state(waiting), "running");
}

TEST_F(QueueTest, AFilmGivesWayAndGoesOnADreamDoesNot) {
  const std::string film = add(JobClass::film, "film");
  next();
  const auto film_cancel = cancel_;
  const std::string dream = add(JobClass::dream, "dream");
  EXPECT_TRUE(film_cancel->cancelled());
  EXPECT_TRUE(queue_->put_back(film));
  EXPECT_EQ(state(film), "waiting");
  EXPECT_EQ(next(), "dream");
  add(JobClass::draft, "draft");
  EXPECT_FALSE(cancel_->cancelled());
  queue_->end(dream, {});
  EXPECT_EQ(next(), "draft");
  EXPECT_EQ(next(), "film");
  EXPECT_FALSE(cancel_->cancelled());
}

TEST_F(QueueTest, CancelIsSeenAtOnceAndKeepsNothing) {
  const std::string running = add(JobClass::dream, "running");
  next();
  const std::string waiting = add(JobClass::dream, "waiting");
  EXPECT_EQ(Json::parse(*queue_->cancel(running)).at("state"), "cancelling");
  EXPECT_TRUE(cancel_->cancelled());
  EXPECT_FALSE(queue_->is_kept(running));
  EXPECT_FALSE(queue_->put_back(running));
  EXPECT_EQ(Json::parse(*queue_->cancel(waiting)).at("state"), "cancelled");
  EXPECT_EQ(names_in_list(), "running ");
  EXPECT_EQ(store_.jobs().size(), 1u);
  EXPECT_FALSE(queue_->cancel("nobody"));
}

TEST_F(QueueTest, StopKeepsWhatIsFinished) {
  const std::string id = add(JobClass::film, "film");
  next();
  queue_->keep(id);
  EXPECT_TRUE(cancel_->cancelled());
  EXPECT_TRUE(queue_->is_kept(id));
  EXPECT_FALSE(queue_->put_back(id));
  queue_->end(id, {JobState::kept, "", ""});
  EXPECT_EQ(state(id), "kept");
  EXPECT_TRUE(store_.jobs().empty());
}

TEST_F(QueueTest, PausedJobsWaitAndOrderCanBeChanged) {
  const std::string first = add(JobClass::dream, "first"), second = add(JobClass::dream, "second"),
                    third = add(JobClass::dream, "third");
  queue_->pause(first, true);
  queue_->move_before(third, second);
  EXPECT_EQ(next(), "third");
  EXPECT_EQ(next(), "second");
  queue_->pause(first, false);
  EXPECT_EQ(next(), "first");
}

TEST_F(QueueTest, WaitingJobsOutliveTheProgram) {
  add(JobClass::dream, "first");
  const std::string second = add(JobClass::film, "second");
  add(JobClass::draft, "draft");
  next();
  queue_->close();
  EXPECT_EQ(next(), "nothing");
  queue_.emplace(store_, events_);
  EXPECT_EQ(names_in_list(), "first second ");
  EXPECT_EQ(state(second), "waiting");
}

TEST_F(QueueTest, TellsEachChangeAndTheLastPreview) {
  const std::string id = add(JobClass::dream, "dream");
  next();
  JobProgress at;
  at.octave = 2;
  at.octaves = 4;
  queue_->progress(id, at);
  queue_->preview(id, "\xff\xd8\xff one", at, 8, 4);
  queue_->preview(id, "\xff\xd8\xff two", at, 8, 4);
  EXPECT_EQ(queue_->preview(id), "\xff\xd8\xff two");
  queue_->end(id, {JobState::failed, "BadShape", "too small"});
  std::string names;
  Json last;
  for (const Event& event : events_.after(0)) {
    names += event.name + " ";
    if (event.name == "job") last = Json::parse(event.data);
  }
  EXPECT_EQ(names, "job job job preview preview job ");
  EXPECT_EQ(last.at("state"), "failed");
  EXPECT_EQ(last.at("error").at("message"), "too small");
  EXPECT_EQ(last.at("preview"), "/api/1/jobs/" + id + "/preview?n=2");
  EXPECT_EQ(last.at("octave"), 2);
}

TEST_F(QueueTest, AThousandJobsAreEnough) {
  for (int i = 0; i < 1000; ++i) add(JobClass::idle, "x", std::to_string(i));
  EXPECT_THROW(add(JobClass::dream, "one more"), BadJob);
}

}  // namespace
}  // namespace reverie::studio
