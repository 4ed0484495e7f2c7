/* One logistic neuron of n inputs, trained by gradient descent, in float. */
#ifndef NEURON_H
#define NEURON_H

#include <stdint.h>

#ifndef API
#define API
#endif

struct neuron {
    float bias;
    float weights[];
};

struct sgd {
    float learning_rate;
    uint32_t iterations;
};

struct report {
    uint32_t step;
    float learning_rate, loss, prediction;
};

enum error { OK, BAD_RATE, BAD_LABEL, BAD_INPUT, OVERFLOW_WEIGHTS, OVERFLOW_BIAS };

API float neuron_predict(const struct neuron *neuron, const float *x, uint32_t n);
/* One update; returns the loss before it. Nothing is checked. */
API float neuron_step(struct neuron *neuron, const float *x, uint32_t n, float y, float learning_rate);
/* One update that refuses what is not finite, and then has changed nothing. */
API enum error sgd_step(struct sgd *sgd, struct neuron *neuron, const float *x, uint32_t n, float y,
                        struct report *report);

#endif
