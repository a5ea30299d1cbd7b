// objective_terms.h: from a recipe's layers to an objective. Internal to dream/, and for replays in
// tests.
#pragma once

#include "reverie/base/notice.h"
#include "reverie/dream/files_on_disk.h"
#include "reverie/gradient/objective.h"
#include "reverie/image/image.h"
#include "reverie/model/network.h"
#include "reverie/recipe/recipe.h"

namespace reverie {

// The recipe's layers as terms, with directions read and classes found. Errors: BadRecipe for a
// class that the network or the labels do not have; as read_direction(); as `files` for masks,
// directions and labels.
Objective objective_of(const Recipe& recipe, const Network& network, const NoticeSink& notices,
                       const RecipeFiles& files = *files_on_disk());

// The layer whose channels are the network's classes, before the softmax: the input of its last
// Softmax, else its last InnerProduct. Errors: BadRecipe where there is neither.
std::string class_layer(const Network& network);

// The channel of a class number or label. The lines of `labels_file` are the classes from channel
// 0. A label is a line or one of its comma-separated names, in any letter case, with or without its
// WordNet number. Errors: BadRecipe naming the nearest labels; FileFailure.
int class_channel(const std::string& name, const std::string& labels_file,
                  const RecipeFiles& files = *files_on_disk());

// A number for each channel: a .npy file of any shape, or a JSON list. Errors: FileFailure;
// BadRecipe for another form, or a number that is not finite.
std::vector<float> read_direction(const std::string& file,
                                  const RecipeFiles& files = *files_on_disk());

// The features of a guide [C,h,w] that count: [C,1,n], the n positions where `guide` is more opaque
// than transparent. Errors: BadRecipe where it is transparent everywhere.
Tensor visible_features(ConstView features, const Image& guide, const std::string& name);

}  // namespace reverie
