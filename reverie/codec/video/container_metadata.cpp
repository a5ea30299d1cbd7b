#include "reverie/codec/video/container_metadata.h"

#include <algorithm>
#include <string>

#include "reverie/base/error.h"

namespace reverie::ffmpeg {

void copy_chapters(const AVFormatContext& from, AVFormatContext& to, std::int64_t offset) {
  for (unsigned i = 0; i < from.nb_chapters; ++i) {
    const AVChapter& chapter = *from.chapters[i];
    const std::int64_t earlier = av_rescale_q(offset, {1, AV_TIME_BASE}, chapter.time_base);
    if (chapter.end <= earlier) continue;
    auto* const copy = static_cast<AVChapter*>(av_mallocz(sizeof(AVChapter)));
    if (copy == nullptr) throw OutOfMemory("out of memory for a chapter of a video");
    copy->id = chapter.id;
    copy->time_base = chapter.time_base;
    copy->start = std::max<std::int64_t>(chapter.start - earlier, 0);
    copy->end = chapter.end - earlier;
    av_dict_copy(&copy->metadata, chapter.metadata, 0);
    int count = static_cast<int>(to.nb_chapters);
    av_dynarray_add(&to.chapters, &count, copy);  // freed with the video
    to.nb_chapters = static_cast<unsigned>(count);
  }
}

void copy_metadata(const AVFormatContext& from, AVFormatContext& to) {
  const AVDictionaryEntry* entry = nullptr;
  while ((entry = av_dict_get(from.metadata, "", entry, AV_DICT_IGNORE_SUFFIX)) != nullptr) {
    const std::string key = entry->key;
    if (key == "major_brand" || key == "minor_version" || key == "compatible_brands" ||
        key == "encoder" || key == "comment")
      continue;
    av_dict_set(&to.metadata, entry->key, entry->value, 0);
  }
  const AVDictionaryEntry* const comment = av_dict_get(from.metadata, "comment", nullptr, 0);
  if (comment != nullptr && comment->value[0] != '{')
    av_dict_set(&to.metadata, "description", comment->value, AV_DICT_DONT_OVERWRITE);
}

}  // namespace reverie::ffmpeg
