/* One row of the tables: -DROW=expression computes it. With -DHIDDEN the compiler does not see the
 * parameters of a schedule. */
#include "neuron.c"
#include "parts.c"
#include "schedules.c"

static const struct exponential EXPONENTIAL = {0.1f, 1000.0f, 0.95f, false};
static const struct exponential STAIRCASE = {0.1f, 1000.0f, 0.95f, true};
static const uint32_t BOUNDARIES[] = {125, 250, 100000};
static const float VALUES[] = {0.1f, 0.075f, 0.05f, 0.025f};
static const struct piecewise PIECEWISE = {3, BOUNDARIES, VALUES};
static const struct polynomial LINEAR = {0.1f, 1000.0f, 0.001f, 1.0f, true};
static const struct polynomial ROOT = {0.1f, 1000.0f, 0.001f, 0.5f, true};
static const struct polynomial POWER = {0.1f, 1000.0f, 0.001f, 1.7f, false};
static const struct inverse_time INVERSE_TIME = {0.1f, 50.0f, 0.1f};
static const struct cosine COSINE = {0.1f, 500.0f, 0.0f, 0.0f, 0.0f};
static const struct cosine LONG_COSINE = {0.1f, 4000000000.0f, 0.0f, 0.0f, 0.0f};
static const struct cosine WARMED = {0.1f, 4000000000.0f, 0.01f, 0.2f, 100.0f};
static const struct restarts RESTARTS = {0.1f, 10.0f, 2.0f, 1.0f, 0.0f};
static const struct restarts FALLING = {0.1f, 10.0f, 2.0f, 0.9f, 0.0f};
static const struct restarts EQUAL = {0.1f, 10.0f, 1.0f, 0.999f, 0.0f};
static const struct restarts SLOWER = {0.1f, 10.0f, 1.5f, 1.0f, 0.0f};
static const struct restarts SLOWEST = {0.1f, 10.0f, 1.01f, 0.9f, 0.0f};

#ifdef HIDDEN
#define LR(function, schedule) \
    ({ \
        __auto_type hidden = &schedule; \
        __asm volatile("" : "+r"(hidden)::"memory"); \
        function(hidden, input); \
    })
#else
#define LR(function, schedule) function(&schedule, input)
#endif

/* Of the harness, which says what they hold. */
extern union {
    struct {
        struct sgd sgd;
        float neuron[1 + 64];
    };
    struct trainer trainer;
    struct {
        struct trainer batches;
        struct gradient gradient;
    };
    struct {
        struct standardizer standardizer;
        float transformed[N];
    };
    struct confusion confusion;
    struct mean mean;
} state;
extern const float pool[192 + 64];
extern const float labels[2];

#define NEURON ((struct neuron *)state.neuron)
#define SAMPLE (pool + input % 192)
#define LABEL (labels[input % 2])
#define PREDICT(n) neuron_predict(NEURON, SAMPLE, n)
#define STEP(n) neuron_step(NEURON, SAMPLE, n, LABEL, state.sgd.learning_rate)
#define CHECKED(n) checked(input, n)

static float checked(uint32_t input, uint32_t n)
{
    struct report report;
    return sgd_step(&state.sgd, NEURON, SAMPLE, n, LABEL, &report) ? NAN : report.loss;
}

static float ruled(uint32_t input, int rules)
{
    struct report report;
    if (ruled_step(&state.trainer, SAMPLE, LABEL, rules, &report))
        return NAN;
    return report.loss + state.trainer.neuron[1];
}

static float add(uint32_t input)
{
    return gradient_add(&state.gradient, state.batches.neuron, SAMPLE, LABEL) ? NAN : 0.0f;
}

static float add_and_apply(uint32_t input)
{
    struct report report;
    struct trainer *trainer = &state.batches;
    if (add(input) || gradient_apply(&state.gradient, &trainer->sgd, trainer->neuron, &report))
        return NAN;
    return report.loss + trainer->neuron[1];
}

static float observe(uint32_t input)
{
    if (standardizer_observe(&state.standardizer, SAMPLE))
        return NAN;
    return state.standardizer.mean[0].high + state.standardizer.variance[0].high;
}

static float transform(uint32_t input)
{
    standardizer_transform(&state.standardizer, SAMPLE, state.transformed);
    return state.transformed[0];
}

static float count(uint32_t input)
{
    return confusion_observe(&state.confusion, fabsf(*SAMPLE), input % 2) ? NAN : 0.0f;
}

static float add_to_mean(uint32_t input)
{
    return mean_observe(&state.mean, *SAMPLE) ? NAN : state.mean.sum.high;
}

static float checksum(uint32_t input)
{
    union {
        uint32_t bits;
        float value;
    } result = {crc32((const uint8_t *)SAMPLE, 64) >> 9 | 0x3f800000};
    return result.value;
}

static void rules_prepared(void)
{
    state.trainer.limit = 0.25f;
    state.trainer.l2 = 0.01f;
    state.trainer.momentum = 0.9f;
}

static void gradient_prepared(void)
{
    for (uint32_t i = 0; i <= N + 2; i++)
        state.gradient.sums[i] = (struct pair){0.0f, 0.0f};
    state.gradient.unit = 1.0f;
    state.gradient.count = 0;
}

static void standardizer_prepared(void)
{
    struct standardizer *standardizer = &state.standardizer;
    standardizer->count = 1000;
    for (uint32_t i = 0; i < N; i++)
        standardizer->mean[i].low = standardizer->variance[i].low = 0.0f;
    standardizer->limit = 3.0f;
    standardizer->clamped = true;
    standardizer->frozen = false;
}

/* Runs before each measurement, after every word of the state is set to 0.1f. */
void prepare(void)
{
#ifdef PREPARED
    PREPARED;
#endif
}

float row(uint32_t input)
{
    return ROW;
}
