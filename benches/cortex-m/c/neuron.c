/* One logistic neuron of n inputs, trained by gradient descent, in float. */
#include <math.h>
#include <stdint.h>

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

enum error {
    OK,
    BAD_RATE,
    BAD_LABEL,
    BAD_INPUT,
    OVERFLOW_WEIGHTS,
    OVERFLOW_BIAS,
    OVERFLOW_VARIANCE,
    OVERFLOW_SUM,
    TOO_MANY,
    EMPTY,
};

static float logit(const struct neuron *neuron, const float *x, uint32_t n)
{
    float z = neuron->bias;
    for (uint32_t i = 0; i < n; i++)
        z += neuron->weights[i] * x[i];
    return z;
}

static float neuron_predict(const struct neuron *neuron, const float *x, uint32_t n)
{
    return 1.0f / (1.0f + expf(-logit(neuron, x, n)));
}

/* One update; returns the loss before it. Nothing is checked. */
static float neuron_step(struct neuron *neuron, const float *x, uint32_t n, float y,
                         float learning_rate)
{
    float z = logit(neuron, x, n);
    /* One exponential serves both, and never overflows. */
    float e = expf(-fabsf(z));
    float prediction = (z >= 0.0f ? 1.0f : e) / (1.0f + e);
    float loss = fmaxf(z, 0.0f) - z * y + log1pf(e);
    float scale = learning_rate * (prediction - y);
    for (uint32_t i = 0; i < n; i++)
        neuron->weights[i] -= scale * x[i];
    neuron->bias -= scale;
    return loss;
}

/* One update that refuses what is not finite, and then has changed nothing. */
static enum error sgd_step(struct sgd *sgd, struct neuron *neuron, const float *x, uint32_t n,
                           float y, struct report *report)
{
    float learning_rate = sgd->learning_rate;
    if (!(learning_rate >= 0.0f && isfinite(learning_rate)))
        return BAD_RATE;
    if (!(y >= 0.0f && y <= 1.0f))
        return BAD_LABEL;
    for (uint32_t i = 0; i < n; i++)
        if (!isfinite(x[i]))
            return BAD_INPUT;
    float z = logit(neuron, x, n);
    if (!isfinite(z))
        return BAD_INPUT;
    float e = expf(-fabsf(z));
    float prediction = (z >= 0.0f ? 1.0f : e) / (1.0f + e);
    float scale = learning_rate * (prediction - y);
    /* Everything is checked before anything is stored. */
    for (uint32_t i = 0; i < n; i++)
        if (!isfinite(neuron->weights[i] - scale * x[i]))
            return OVERFLOW_WEIGHTS;
    if (!isfinite(neuron->bias - scale))
        return OVERFLOW_BIAS;
    for (uint32_t i = 0; i < n; i++)
        neuron->weights[i] -= scale * x[i];
    neuron->bias -= scale;
    report->step = sgd->iterations;
    report->learning_rate = learning_rate;
    report->loss = fmaxf(z, 0.0f) - z * y + log1pf(e);
    report->prediction = prediction;
    if (sgd->iterations < UINT32_MAX)
        sgd->iterations++;
    return OK;
}
