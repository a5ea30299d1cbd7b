"""What the student is trained on: the teacher's activations, and the teacher's gradient with respect to the picture.

A dream's objective at a head is the sum over the chosen channels of a^2 / 2 + LINEAR * a, for its activation a.

How gradients are matched without double backward: let g be the student's gradient of the objective with respect to
the picture, and v = d(1 - cosine)/dg, computed for g alone and held constant. The gradient of v . g with respect to
the weights is what is wanted; and v . g is the derivative of the objective along v, which one more forward run with
tangents gives. This is exact: ReLUs and max pools are linear almost everywhere.
"""

import torch
import torch.nn.functional as F

LINEAR = 0.01  # lets channels that are silent wake up
HEAD_WEIGHTS = {"3b": 1, "4a": 1, "4b": 1, "4c": 2, "4d": 1, "4e": 1, "5b": 0.7}


def widened(x):
    """In float32 at least: sums of bfloat16 are kept so."""
    return x.to(torch.promote_types(x.dtype, torch.float32))


def objective_gradient(activation, pictures, channel_weights=1):
    """d(objective)/d(pictures), [N,3,H,W], of each picture's own objective.

    `activation`: pictures -> activations [N,C,h,w]; `channel_weights`: 0 or 1, [N,C,1,1].
    """
    leaf = pictures.detach().requires_grad_(True)
    with torch.enable_grad():
        a = widened(activation(leaf))
        objective = (0.5 * a * a * channel_weights).sum() + LINEAR * (a * channel_weights).sum()
        return widened(torch.autograd.grad(objective, leaf)[0])


def activation_error(answer, wanted, scale):
    """Mean over pictures of the relative squared error of a head's answer.

    answer  [N,C,h,w], before its ReLU, in units of scale [C].
    wanted  [N,C,h,w], the teacher's activation.
    """
    answer, wanted = widened(answer), widened(wanted) / scale.reshape(1, -1, 1, 1)
    # Where the teacher is silent, any answer below zero is right
    error = torch.where(wanted > 0, answer - wanted, F.relu(answer))
    energy = (wanted ** 2).mean((1, 2, 3))
    return ((error ** 2).mean((1, 2, 3)) / (energy + 0.3) ** 0.7).mean()


def mean_cosine(gradient, wanted):
    """Mean over pictures of the cosine between two gradients; pictures without a gradient do not count.

    gradient  [N,3,H,W], compared at half resolution; the result can be differentiated with respect to it.
    wanted    [N,3,H/2,W/2].
    """
    found = F.avg_pool2d(gradient, 2)
    # Only directions matter, and sizes may be anything
    found = found / (found.detach().abs().mean((1, 2, 3), keepdim=True) + 1e-30)
    wanted = wanted / (wanted.abs().mean((1, 2, 3), keepdim=True) + 1e-30)
    alive = (wanted.abs().sum((1, 2, 3)) > 0) & (found.detach().abs().sum((1, 2, 3)) > 0)
    norms = ((found ** 2).sum((1, 2, 3)) + 1e-6).sqrt() * ((wanted ** 2).sum((1, 2, 3)) + 1e-6).sqrt()
    cosine = (found * wanted).sum((1, 2, 3)) / norms
    return (cosine * alive).sum() / alive.sum().clamp(min=1)


def cosine_direction(gradient, wanted):
    """(d(1 - mean cosine)/d(gradient), the mean cosine)."""
    leaf = gradient.detach().requires_grad_(True)
    with torch.enable_grad():
        cosine = mean_cosine(leaf, wanted)
        direction = torch.autograd.grad(1 - cosine, leaf)[0]
    return direction.contiguous(memory_format=torch.channels_last), cosine.detach()


def teacher_labels(teacher, x, heads, channel_weights):
    """({head: activation}, the gradient at half resolution of the objective at the last of `heads`)."""
    leaf, head = x.detach().requires_grad_(True), heads[-1]
    activations = teacher(leaf, heads)
    output_gradient = (activations[head].detach() + LINEAR) * channel_weights
    gradient = torch.autograd.grad(activations[head], leaf, output_gradient.to(x.dtype))[0]
    return {one: a.detach() for one, a in activations.items()}, F.avg_pool2d(widened(gradient), 2)


def batch_norm_step(student, teacher, x, heads):
    """(gradient with respect to student.flat, {head: error}): activations only, while batch norms learn."""
    with torch.no_grad():
        labels = teacher(x, heads)
    answers = student.answers_with_batch_norm(x, heads)
    errors = {head: activation_error(answer, labels[head], student.scales[head]) for head, answer in answers.items()}
    loss = sum(HEAD_WEIGHTS[head] * error for head, error in errors.items())
    return torch.autograd.grad(loss, student.flat)[0], {head: error.detach() for head, error in errors.items()}


def matching_step(student, teacher, x, channel_weights, heads, head_weights, gradient_weight):
    """(gradient with respect to student.flat, {head: error}, mean cosine): one step of training with frozen norms.

    x                normalised pictures [N,3,H,W].
    channel_weights  0 or 1, [N,C,1,1]: the channels of the last of `heads` whose objective is matched.
    head_weights     how much each head's activations count, times HEAD_WEIGHTS; a tensor [len(heads)].
    gradient_weight  how much the gradient counts.
    """
    head = heads[-1]
    labels, wanted = teacher_labels(teacher, x, heads, channel_weights)

    # The student's answers, and its gradient with respect to the picture
    tensors, tape = student.folded_tensors(), []
    leaf = x.detach().requires_grad_(True)
    answers = student.answers(tensors, leaf, heads, tape)
    scale = student.scales[head].reshape(1, -1, 1, 1)
    answer = widened(answers[head])
    output_gradient = (F.relu(answer) * scale + LINEAR) * (channel_weights * scale) * (answer.detach() > 0)
    gradient = torch.autograd.grad(answers[head], leaf, output_gradient.detach().to(x.dtype), retain_graph=True)[0]

    # How the cosine wants it changed, and the derivative of the objective along that
    direction, cosine = cosine_direction(widened(gradient), wanted)
    tangent = widened(student.tangent(tensors, direction.to(x.dtype), head, tape))
    loss = gradient_weight * (output_gradient * tangent).sum()

    errors = {one: activation_error(answers[one], labels[one], student.scales[one]) for one in heads}
    for one, weight in zip(heads, head_weights.unbind()):
        loss = loss + HEAD_WEIGHTS[one] * errors[one] * weight
    parameter_gradient = torch.autograd.grad(loss, student.flat)[0]
    return parameter_gradient, {one: error.detach() for one, error in errors.items()}, cosine


def measure_scales(teacher, batches, heads):
    """{head: [C]}: each teacher channel's root mean square over an iterable of normalised pictures.

    Channels that hardly answer get 0.15 of the median, so that their errors do not outweigh all others'.
    """
    sums, count = dict.fromkeys(heads, 0), 0
    with torch.no_grad():
        for x in batches:
            count += 1
            for head, a in teacher(x, heads).items():
                sums[head] = sums[head] + (widened(a) ** 2).mean((0, 2, 3))
    scales = {head: (total / count).sqrt() for head, total in sums.items()}
    return {head: scale.clamp(min=0.15 * float(scale.median())) for head, scale in scales.items()}
