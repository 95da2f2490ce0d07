#include "config.h"
#include "kernels/cuda/model.h"

/* A pass in pieces (backend.h): the kernels of whole passes, with the derivatives of the outputs copied from the host in place of a
 * criterion's. The first control holds the pass from forward() on. */

int cuda_forward(struct model *m, const struct pass *pass, struct err *err)
{
    cuda_end_passes(m);
    cuda_slots_unprepare(m);
    if (cuda_check_pass(m, pass, err) < 0)
        return -1;
    if (m->of_features)
        return err_set(err, ERR_INVALID, "a pass in pieces goes through all units; a batch of images is accepted");
    struct pass alone = *pass;
    alone.criterion = NULL;
    cuda_fill_pass(m, &alone, pass->update_stats && pass->mode == PASS_TRAIN, NULL);
    m->head_only = false;
    if (cuda_pass(m, KIND_PIECE_FORWARD, pass->mode, 0) < 0)
        return cuda_healthy(m, err);
    m->prepared_mode = pass->mode;
    m->pieces = PIECES_FORWARD;
    m->has_logits = false;
    m->computed = true;
    return 0;
}

static void read_output(struct model *m, float *host, const float *logits, const struct unit_memory *units, int which)
{
    const struct net *net = m->net;
    if (which == 0) {
        cuda_vec_read(m, host, logits, (size_t)m->n * (size_t)net->classes);
        return;
    }
    const int unit = net->outputs[which - 1].unit;
    cuda_vec_read(m, host, units[unit].out, (size_t)m->n * (size_t)net->units[unit].channels);
}

void cuda_output(struct model *m, int which, float *host)
{
    if (m->pieces >= PIECES_FORWARD)
        read_output(m, host, m->head.logit, m->unit, which);
}

void cuda_r_output(struct model *m, int which, float *host)
{
    if (m->along)
        read_output(m, host, m->direction[0].head.logit, m->direction[0].unit, which);
}

static void send_one(struct model *m, float *to, const float *from, size_t count)
{
    const cudaError_t status = from ? cudaMemcpyAsync(to, from, count * sizeof *to, cudaMemcpyHostToDevice, m->stream)
                                    : cudaMemsetAsync(to, 0, count * sizeof *to, m->stream);
    cuda_check(m, status, "copying derivatives of outputs");
}

static void send_outputs(struct model *m, const float *const *from, float *logits, float *const *outputs)
{
    const struct net *net = m->net;
    send_one(m, logits, from[0], (size_t)m->n * (size_t)net->classes);
    for (int i = 0; i < net->n_outputs; i++)
        send_one(m, outputs[i], from[1 + i], (size_t)m->n * (size_t)net->units[net->outputs[i].unit].channels);
}

int cuda_backward(struct model *m, const float *const *upstream, const float *features, float *grad, struct err *err)
{
    if (m->pieces < PIECES_FORWARD)
        return err_set(err, ERR_INVALID, "backward() before forward()");
    if (features)
        return err_set(err, ERR_DEVICE, "cuda takes no gradient of the features from outside; reference and cpu do");
    if (cuda_enter(m) < 0)
        return cuda_healthy(m, err);
    m->host_brief.control[0]->grad = grad;
    send_outputs(m, upstream, m->head.g_logit, m->upstream);
    if (cuda_pass(m, grad ? KIND_PIECE_BACKWARD : KIND_PIECE_PREPARE, m->prepared_mode, 0) < 0)
        return cuda_healthy(m, err);
    m->pieces = PIECES_BACKWARD;
    return 0;
}

int cuda_r_forward(struct model *m, const float *v, struct err *err)
{
    if (m->pieces < PIECES_FORWARD)
        return err_set(err, ERR_INVALID, "r_forward() before forward()");
    if (cuda_enter(m) < 0 || cuda_memory_products(m, 1) < 0)
        return cuda_healthy(m, err);
    m->host_brief.control[0]->v = v;
    m->host_brief.control[0]->grad = NULL;
    if (cuda_pass(m, KIND_PIECE_R_FORWARD, m->prepared_mode, 1) < 0)
        return cuda_healthy(m, err);
    m->along = true;
    return 0;
}

int cuda_r_backward(struct model *m, const float *const *r_upstream, float *out, struct err *err)
{
    if (m->pieces < PIECES_BACKWARD || !m->along)
        return err_set(err, ERR_INVALID, "r_backward() before %s", m->along ? "backward()" : "r_forward()");
    if (cuda_enter(m) < 0)
        return cuda_healthy(m, err);
    m->host_brief.control[0]->grad = out;
    send_outputs(m, r_upstream, m->direction[0].head.g_logit, m->direction[0].upstream);
    return cuda_pass(m, KIND_PIECE_R_BACKWARD, m->prepared_mode, 1) < 0 ? cuda_healthy(m, err) : 0;
}
