// The gradient of a layer's activity with respect to each pixel of a picture.
#include <reverie/codec/image/image_file.h>
#include <reverie/gradient/gradient.h>
#include <reverie/model/network.h>

#include <cstdio>
#include <exception>
#include <memory>

int main(int argc, char** argv) try {
  const reverie::Image photo = reverie::read_image(argc > 1 ? argv[1] : "photo.jpg");
  const reverie::Network network = reverie::open_network("");  // the one inside; or a name, a file
  const auto objective = std::make_shared<reverie::BoundObjective>(
      reverie::bind({.terms = {{.layer = network.default_layer}}}, network.graph));
  const auto compiler =
      reverie::make_compiler(network.graph, objective->layers, reverie::Precision::fast);
  reverie::Gradient gradient(compiler->compile(photo.height(), photo.width()), objective);
  reverie::Tensor grad(photo.color.shape());  // [3,H,W], RGB
  const double activity = gradient.run(photo.color, grad);
  std::printf("%s: activity %g, gradient at the first pixel %g\n", network.default_layer.c_str(),
              activity, grad[0]);
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
