// The store: rows and files, and what is left when one of them is lost.
#include "apps/studio/store.h"

#include <fstream>

#include "apps/studio/ids.h"
#include "apps/studio/json.h"
#include "apps/studio/test_client.h"
#include "reverie/base/error.h"
#include "reverie/codec/image/image_file.h"
#include "reverie/image/scene/cloudscape.h"
#include "reverie/recipe/recipe_json.h"

namespace reverie::studio {
namespace {

namespace fs = std::filesystem;

class StoreTest : public testing::Test {
 protected:
  // A dream as the engine leaves it: a picture that carries its document.
  Dream dreamed(Store& store, const std::string& parent, const std::string& name,
                const std::string& source = "dream:") {
    const std::string id = new_dream_id(++time_);
    DreamDocument document;
    document.version = "0";
    document.network.name = "reverie-4";
    document.network.layers = {"4c/output"};
    document.source.name = "sky.png";
    document.history = {id, parent, "go_on"};
    ImageOptions options;
    options.recipe = document_to_json(document, -1);
    const fs::path path = store.new_dream_path(id, ".png");
    write_image(path, cloudscape(32, 16, 1), options);
    Dream dream;
    dream.id = id;
    dream.file = fs::relative(path, store.folder() / "dreams").string();
    dream.name = name;
    dream.made = time_;
    dream.source = source;
    complete_from_file(dream, path);
    store.add_dream(dream);
    return dream;
  }

  ScratchFolder scratch_;
  std::int64_t time_ = 1000000;
};

TEST_F(StoreTest, ADreamIsFoundAgainWithAllThatIsSaidOfIt) {
  Store store(scratch_.path());
  Dream dream = dreamed(store, "", "Sky, in \"whirls\" — Straße");
  EXPECT_EQ(dream.width, 32);
  EXPECT_EQ(dream.layers, std::vector<std::string>{"4c/output"});
  dream.star = true;
  dream.note = "for the wall";
  store.update_dream(dream);
  EXPECT_EQ(dream_json(*store.dream(dream.id)), dream_json(dream));
  EXPECT_FALSE(store.dream("01M8DK5WZ19RW4JSXX4RWR70B4"));
}

TEST_F(StoreTest, AStudioIsAloneInItsFolder) {
  const Store store(scratch_.path());
  EXPECT_THROW(Store(scratch_.path()), FileFailure);
  EXPECT_EQ(fs::status(scratch_.path()).permissions(), fs::perms::owner_all);
}

TEST_F(StoreTest, TheTreeGoesFromTheFirstDreamToAllItsBranches) {
  Store store(scratch_.path());
  const Dream root = dreamed(store, "", "root"), left = dreamed(store, root.id, "left"),
              right = dreamed(store, root.id, "right"), leaf = dreamed(store, left.id, "leaf"),
              other = dreamed(store, "", "other");
  const auto names = [](const std::vector<Dream>& dreams) {
    std::string text;
    for (const Dream& dream : dreams) text += dream.name + " ";
    return text;
  };
  EXPECT_EQ(names(store.ancestors(leaf.id)), "root left leaf ");
  EXPECT_EQ(names(store.children(root.id)), "left right ");
  EXPECT_EQ(names(store.whole_tree(right.id)), "root left right leaf ");
  EXPECT_EQ(names(store.whole_tree(other.id)), "other ");
  EXPECT_EQ(names(store.whole_tree("nothing")), "");

  // Two first dreams of one picture are in one tree
  const Dream first = dreamed(store, "", "first", "asset:" + std::string(64, 'a')),
              second = dreamed(store, "", "second", first.source),
              on = dreamed(store, second.id, "on", "dream:" + second.id);
  EXPECT_EQ(names(store.whole_tree(on.id)), "first second on ");
  EXPECT_EQ(names(store.tree_of_source(first.source)), "first second on ");
}

TEST_F(StoreTest, ListsByPagesAndByWhatIsAskedFor) {
  Store store(scratch_.path());
  for (int i = 0; i < 5; ++i) {
    Dream dream = dreamed(store, "", "dream " + std::to_string(i) + (i == 3 ? " 100%" : ""));
    dream.star = i == 1;
    if (i == 2) dream.deleted = 5;
    store.update_dream(dream);
  }
  DreamQuery query;
  query.limit = 3;
  DreamPage page = store.dreams(query);
  EXPECT_EQ(page.total, 4);
  ASSERT_EQ(page.dreams.size(), 3u);
  EXPECT_EQ(page.dreams[0].name, "dream 4");
  query.before = page.next;
  page = store.dreams(query);
  ASSERT_EQ(page.dreams.size(), 1u);
  EXPECT_EQ(page.dreams[0].name, "dream 0");
  EXPECT_EQ(page.next, "");

  DreamQuery star, bin, text, wild, layer;
  star.star = true;
  bin.bin = true;
  text.text = "DREAM 4";
  wild.text = "%";
  layer.layer = "4c";
  EXPECT_EQ(store.dreams(star).total, 1);
  EXPECT_EQ(store.dreams(bin).total, 1);
  EXPECT_EQ(store.dreams(text).total, 1);
  EXPECT_EQ(store.dreams(wild).total, 1);  // a sign like any other
  EXPECT_EQ(store.dreams(layer).total, 4);
}

TEST_F(StoreTest, TheFolderAloneMakesTheDatabaseAgain) {
  std::string before;
  {
    Store store(scratch_.path());
    Dream root = dreamed(store, "", "root");
    root.star = true;
    root.note = "a note";
    store.update_dream(root);
    Dream leaf = dreamed(store, root.id, "leaf");
    leaf.deleted = 77;
    store.update_dream(leaf);
    before = dream_json(*store.dream(root.id)) + dream_json(*store.dream(leaf.id));
  }
  for (const char* file : {"studio.db", "studio.db-wal", "studio.db-shm"})
    fs::remove(scratch_.path() / file);
  Store store(scratch_.path());
  DreamQuery bin;
  bin.bin = true;
  ASSERT_EQ(store.dreams({}).total, 1);
  ASSERT_EQ(store.dreams(bin).total, 1);
  EXPECT_EQ(dream_json(store.dreams({}).dreams[0]) + dream_json(store.dreams(bin).dreams[0]),
            before);
}

TEST_F(StoreTest, ALostFileIsToldAndComesBack) {
  fs::path file;
  std::string id;
  {
    Store store(scratch_.path());
    const Dream dream = dreamed(store, "", "lost");
    id = dream.id;
    file = store.path_of(dream);
  }
  fs::rename(file, scratch_.path() / "away.png");
  std::string said;
  {
    Store store(scratch_.path(), [&](const std::string& line) { said += line; });
    EXPECT_TRUE(store.dream(id)->lost);
  }
  EXPECT_NE(said.find(id), std::string::npos);
  fs::rename(scratch_.path() / "away.png", file);
  Store store(scratch_.path());
  EXPECT_FALSE(store.dream(id)->lost);
}

TEST_F(StoreTest, FilesThatAreNoDreamsAreLeftAlone) {
  fs::path folder;
  {
    Store store(scratch_.path());
    folder = store.new_dream_path(new_dream_id(1), ".png").parent_path();
  }
  std::ofstream(folder / "01M8DK5WZ19RW4JSXX4RWR70B4.png") << "no picture";
  std::ofstream(folder / "holiday.png") << "of the user";
  std::string said;
  Store store(scratch_.path(), [&](const std::string& line) { said += line; });
  EXPECT_EQ(store.dreams({}).total, 0);
  EXPECT_NE(said.find("is not adopted"), std::string::npos);
  EXPECT_TRUE(fs::exists(folder / "holiday.png"));
}

TEST_F(StoreTest, TheSameBytesAreOneAssetWithAHarmlessName) {
  Store store(scratch_.path());
  const auto bring = [&](const std::string& name) {
    const fs::path file = scratch_.path() / "incoming" / "x";
    std::ofstream(file) << "bytes";
    Asset facts;
    facts.id = std::string(64, 'c');
    facts.kind = "image";
    facts.name = name;
    facts.bytes = 5;
    return store.add_asset(file, facts);
  };
  const Asset first = bring("../../../etc/passwd\n");
  EXPECT_EQ(store.path_of(first).parent_path().filename(), std::string(64, 'c'));
  EXPECT_TRUE(fs::exists(store.path_of(first)));
  EXPECT_EQ(fs::weakly_canonical(store.path_of(first))
                .string()
                .rfind(fs::canonical(scratch_.path()).string(), 0),
            0u);
  EXPECT_EQ(bring("other.png").name, first.name);
  EXPECT_EQ(store.referenced("asset:" + first.id), store.path_of(first));
  for (const char* no : {"asset:../x", "dream:..", "/etc/passwd", "", "asset:"})
    EXPECT_FALSE(store.referenced(no)) << no;
}

TEST_F(StoreTest, TheBinLosesItsFilesWhenItIsEmptied) {
  Store store(scratch_.path());
  Dream gone = dreamed(store, "", "gone");
  const Dream stays = dreamed(store, "", "stays");
  const fs::path thumb = store.thumb(gone.id + "-h200");
  std::ofstream(thumb) << "small";
  gone.deleted = 10;
  store.update_dream(gone);
  EXPECT_EQ(store.empty_bin(9), 0);
  EXPECT_EQ(store.empty_bin(10), 1);
  EXPECT_FALSE(fs::exists(store.path_of(gone)));
  EXPECT_FALSE(fs::exists(fs::path(store.path_of(gone)).replace_extension(".json")));
  EXPECT_FALSE(fs::exists(thumb));
  EXPECT_TRUE(fs::exists(store.path_of(stays)));
}

TEST_F(StoreTest, JobsWaitInTheirOrderAndThingsAreRemembered) {
  {
    Store store(scratch_.path());
    store.save_job({"b", "{2}"}, 2);
    store.save_job({"a", "{1}"}, 1);
    store.save_job({"c", "{3}"}, 3);
    store.remove_job("b");
    store.remember("state", "{}");
  }
  Store store(scratch_.path());
  ASSERT_EQ(store.jobs().size(), 2u);
  EXPECT_EQ(store.jobs()[0].id, "a");
  EXPECT_EQ(store.jobs()[1].request, "{3}");
  EXPECT_EQ(store.remembered("state"), "{}");
  EXPECT_EQ(store.remembered("nothing"), "");
}

}  // namespace
}  // namespace reverie::studio
