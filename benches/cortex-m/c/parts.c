/* What training needs besides the plain update, with the checks, formulas and sums of microlr: an
 * error changes nothing. */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define N 6 /* features; a neuron is the bias and N weights */

enum { CLIP = 1, L2 = 2, MOMENTUM = 4, NESTEROV = 8 }; /* rules of an update */

struct trainer {
    struct sgd sgd;
    float neuron[1 + N], velocity[1 + N];
    float limit, l2, momentum;
};

static enum error checked_logit(float learning_rate, const float *neuron, const float *x, float y,
                                float *z)
{
    if (!(learning_rate >= 0.0f && isfinite(learning_rate)))
        return BAD_RATE;
    if (!(y >= 0.0f && y <= 1.0f))
        return BAD_LABEL;
    for (uint32_t i = 0; i < N; i++)
        if (!isfinite(x[i]))
            return BAD_INPUT;
    *z = logit((const struct neuron *)neuron, x, N);
    return isfinite(*z) ? OK : BAD_INPUT;
}

static float norm(const float *g)
{
    float sum = 0.0f, largest = 0.0f;
    for (uint32_t i = 0; i <= N; i++)
        sum += g[i] * g[i];
    if (isfinite(sum))
        return sqrtf(sum);
    for (uint32_t i = 0; i <= N; i++)
        largest = fmaxf(largest, fabsf(g[i]));
    sum = 0.0f;
    for (uint32_t i = 0; i <= N; i++)
        sum += g[i] / largest * (g[i] / largest);
    return largest * sqrtf(sum);
}

static enum error descend(const float *neuron, float learning_rate, const float *g, float *next)
{
    for (uint32_t i = 0; i <= N; i++) {
        next[i] = neuron[i] - learning_rate * g[i];
        if (!isfinite(next[i]))
            return OVERFLOW_WEIGHTS;
    }
    return OK;
}

static void done(struct sgd *sgd, struct report *report, float loss, float prediction)
{
    *report = (struct report){sgd->iterations, sgd->learning_rate, loss, prediction};
    if (sgd->iterations < UINT32_MAX)
        sgd->iterations++;
}

/* One update with rules that are known at compile time. */
static enum error ruled_step(struct trainer *trainer, const float *x, float y, int rules,
                             struct report *report)
{
    float z, g[1 + N], velocity[1 + N], next[1 + N];
    float *neuron = trainer->neuron;
    enum error error = checked_logit(trainer->sgd.learning_rate, neuron, x, y, &z);
    if (error)
        return error;
    float e = expf(-fabsf(z));
    float prediction = (z >= 0.0f ? 1.0f : e) / (1.0f + e);
    g[0] = prediction - y;
    for (uint32_t i = 1; i <= N; i++)
        g[i] = g[0] * x[i - 1];
    if (rules & CLIP) {
        float length = norm(g);
        if (length > trainer->limit) {
            float factor = trainer->limit / length;
            for (uint32_t i = 0; i <= N; i++)
                g[i] *= factor;
        }
    }
    if (rules & L2)
        for (uint32_t i = 1; i <= N; i++)
            g[i] += trainer->l2 * neuron[i];
    if (rules & MOMENTUM)
        for (uint32_t i = 0; i <= N; i++) {
            velocity[i] = trainer->momentum * trainer->velocity[i] + g[i];
            if (!isfinite(velocity[i]))
                return OVERFLOW_WEIGHTS;
            g[i] = rules & NESTEROV ? g[i] + trainer->momentum * velocity[i] : velocity[i];
        }
    error = descend(neuron, trainer->sgd.learning_rate, g, next);
    if (error)
        return error;
    memcpy(neuron, next, sizeof next);
    if (rules & MOMENTUM)
        memcpy(trainer->velocity, velocity, sizeof velocity);
    done(&trainer->sgd, report, fmaxf(z, 0.0f) - z * y + log1pf(e), prediction);
    return OK;
}

/* A rounded sum and its error. */
struct pair {
    float high, low;
};

/* two_sum (Knuth), then fast_two_sum (Dekker). */
static void add_to_pair(struct pair *pair, float x)
{
    float sum = pair->high + x;
    float part = sum - pair->high;
    float low = pair->low + ((pair->high - (sum - part)) + (x - part));
    pair->high = sum + low;
    pair->low = low - (pair->high - sum);
}

struct gradient {
    struct pair sums[1 + N + 2]; /* of the gradient, the loss and the prediction */
    float unit;
    uint32_t count;
};

static enum error gradient_add(struct gradient *gradient, const float *neuron, const float *x,
                               float y)
{
    float z;
    enum error error = checked_logit(0.0f, neuron, x, y, &z);
    if (error)
        return error;
    if (gradient->count == UINT32_MAX)
        return TOO_MANY;
    float e = expf(-fabsf(z));
    float prediction = (z >= 0.0f ? 1.0f : e) / (1.0f + e);
    if ((gradient->count & (gradient->count - 1)) == 0) { /* at 0, 1, 2, 4, 8 and so on */
        gradient->unit *= 0.5f;
        for (uint32_t i = 0; i <= N + 2; i++) {
            gradient->sums[i].high *= 0.5f;
            gradient->sums[i].low *= 0.5f;
        }
    }
    gradient->count++;
    float slope = (prediction - y) * gradient->unit;
    add_to_pair(&gradient->sums[0], slope);
    for (uint32_t i = 1; i <= N; i++)
        add_to_pair(&gradient->sums[i], slope * x[i - 1]);
    add_to_pair(&gradient->sums[N + 1], (fmaxf(z, 0.0f) - z * y + log1pf(e)) * gradient->unit);
    add_to_pair(&gradient->sums[N + 2], prediction * gradient->unit);
    return OK;
}

static enum error gradient_apply(const struct gradient *gradient, struct sgd *sgd, float *neuron,
                                 struct report *report)
{
    float g[1 + N], next[1 + N];
    if (!(sgd->learning_rate >= 0.0f && isfinite(sgd->learning_rate)))
        return BAD_RATE;
    if (gradient->count == 0)
        return EMPTY;
    float count = (float)gradient->count * gradient->unit;
    for (uint32_t i = 0; i <= N; i++)
        g[i] = gradient->sums[i].high / count;
    enum error error = descend(neuron, sgd->learning_rate, g, next);
    if (error)
        return error;
    memcpy(neuron, next, sizeof next);
    done(sgd, report, gradient->sums[N + 1].high / count,
         gradient->sums[N + 2].high / count);
    return OK;
}

struct standardizer {
    uint32_t count;
    struct pair mean[N], variance[N];
    float limit; /* in standard deviations */
    bool clamped, frozen;
};

static float bounded(float value, float limit)
{
    return value > limit ? limit : value < -limit ? -limit : value;
}

/* Kahan's sum. */
static void kahan_add(struct pair *pair, float x)
{
    x += pair->low;
    float next = pair->high + x;
    pair->low = x - (next - pair->high);
    pair->high = next;
}

static enum error standardizer_observe(struct standardizer *standardizer, const float *x)
{
    for (uint32_t i = 0; i < N; i++)
        if (!isfinite(x[i]))
            return BAD_INPUT;
    struct standardizer next = *standardizer;
    if (next.count < UINT32_MAX)
        next.count++;
    float weight = 1.0f / (float)next.count;
    for (uint32_t i = 0; i < N; i++) {
        struct pair *mean = &next.mean[i], *variance = &next.variance[i];
        float distance = (x[i] - mean->high) - mean->low;
        if (next.clamped && variance->high > 0.0f &&
            distance * distance > next.limit * next.limit * variance->high)
            distance = bounded(distance, next.limit * sqrtf(variance->high));
        float square = distance * distance * (1.0f - weight);
        float change = weight * (square - variance->high);
        kahan_add(mean, weight * distance);
        kahan_add(variance, change);
        if (!isfinite(variance->high))
            return OVERFLOW_VARIANCE;
    }
    if (!next.frozen)
        *standardizer = next;
    return OK;
}

static void standardizer_transform(const struct standardizer *standardizer, const float *x,
                                   float *out)
{
    for (uint32_t i = 0; i < N; i++) {
        float variance = standardizer->variance[i].high;
        if (!isfinite(x[i])) {
            out[i] = NAN;
        } else if (variance > 0.0f) {
            struct pair mean = standardizer->mean[i];
            float z = ((x[i] - mean.high) - mean.low) / sqrtf(variance);
            out[i] = standardizer->clamped ? bounded(z, standardizer->limit) : z;
        } else {
            out[i] = 0.0f;
        }
    }
}

struct confusion {
    float threshold;
    uint32_t true_positives, false_positives, true_negatives, false_negatives;
};

static enum error confusion_observe(struct confusion *confusion, float prediction, bool label)
{
    if (!(prediction >= 0.0f && prediction <= 1.0f))
        return BAD_INPUT;
    uint64_t samples = (uint64_t)confusion->true_positives + confusion->false_positives +
                       confusion->true_negatives + confusion->false_negatives;
    if (samples >= UINT32_MAX)
        return OK;
    if (prediction > confusion->threshold)
        ++*(label ? &confusion->true_positives : &confusion->false_positives);
    else
        ++*(label ? &confusion->false_negatives : &confusion->true_negatives);
    return OK;
}

struct mean {
    struct pair sum;
    uint32_t count;
};

static enum error mean_observe(struct mean *mean, float value)
{
    if (!isfinite(value))
        return BAD_INPUT;
    if (mean->count == UINT32_MAX)
        return OK;
    struct pair sum = mean->sum;
    add_to_pair(&sum, value);
    if (!isfinite(sum.low))
        return OVERFLOW_SUM;
    *mean = (struct mean){sum, mean->count + 1};
    return OK;
}

/* The CRC-32 of zip and Ethernet, without a table. */
static uint32_t crc32(const uint8_t *bytes, uint32_t length)
{
    uint32_t crc = UINT32_MAX;
    while (length-- != 0) {
        crc ^= *bytes++;
        for (uint32_t bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
    }
    return ~crc;
}
