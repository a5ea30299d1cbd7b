// A picture becomes a dream: the network inside, the classic recipe.
#include <reverie/codec/image/image_file.h>
#include <reverie/dream/dreamer.h>

int main(int argc, char** argv) {
  const reverie::Image photo = reverie::read_image(argc > 1 ? argv[1] : "photo.jpg");
  reverie::Recipe recipe;  // its members are the options of `reverie image`
  reverie::Dreamer dreamer(reverie::open_network(""), recipe);
  const reverie::DreamResult dream = dreamer.dream(photo, {});
  reverie::write_image("dream.png", dream.frame, {.overwrite = true});
}
