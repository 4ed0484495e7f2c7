/* What the harness offers to the function that it measures. */
#ifndef HARNESS_H
#define HARNESS_H

#include <stdint.h>

/* The function under measurement; the number is a step, or which sample to use. */
extern float row(uint32_t input);

/* The features of a sample are a stretch of the pool, so the data are the same for every size. */
#define SAMPLES 192
extern const float pool[SAMPLES + 64];
extern const float labels[2];

static inline const float *sample(uint32_t input)
{
    return pool + input % SAMPLES;
}

static inline float label(uint32_t input)
{
    return labels[input % 2];
}

#endif
