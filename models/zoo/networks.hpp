#pragma once
// The networks, each as a function that adds it to a builder: from the input to the class probabilities.
// Sources: the papers named beside each, in the form of Keras' applications (keras.io/api/applications),
// whose parameter counts the Scission paper gives.

#include <string_view>

#include "models/zoo/network_builder.hpp"

namespace kerf::zoo {

void vgg(NetworkBuilder& b, int depth);        // 16 or 19; Simonyan and Zisserman 2015
void resnet(NetworkBuilder& b, int depth);     // 50, 101, 152; He et al. 2016
void resnet_v2(NetworkBuilder& b, int depth);  // identity mappings; He et al. 2016
void mobilenet(NetworkBuilder& b);             // Howard et al. 2017
void mobilenet_v2(NetworkBuilder& b);          // Sandler et al. 2018
void densenet(NetworkBuilder& b, int depth);   // 121, 169, 201; Huang et al. 2017
void inception_v3(NetworkBuilder& b);          // Szegedy et al. 2016
void inception_resnet_v2(NetworkBuilder& b);   // Szegedy et al. 2017
void xception(NetworkBuilder& b);              // Chollet 2017
void nasnet(NetworkBuilder& b, bool large);    // Zoph et al. 2018

}  // namespace kerf::zoo
