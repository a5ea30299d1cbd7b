"""How fast each part of a training run is; touches every part once, so it is a smoke test on a new machine, too."""

import time

import pools
import torch

STEPS = 16


def measure(trainer, batches, log):
    """Logs the speed of each batch size: steps while batch norms learn, steps after that, dreams, fresh pictures."""
    trainer.prepare()

    def timed(what, act, count=STEPS, warm_up=2):
        for _ in range(warm_up):
            act()
        wait(trainer.device)
        begin = time.time()
        for _ in range(count):
            act()
        wait(trainer.device)
        seconds = (time.time() - begin) / count
        log(f"{what}: {seconds * 1e3:.1f} ms")
        return seconds

    def step(gradient_and_kind):
        gradient, kind = gradient_and_kind
        trainer.optimizer.step(gradient, 1e-6, kind)

    for batch in batches:
        trainer.batch = batch
        timed(f"batch {batch}, step with batch norms", lambda: step(trainer.batch_norm_step()))
    if not trainer.student.frozen:
        trainer.freeze()
    for head in pools.HEAD_CHANCES:
        timed(f"a step of {trainer.options.dreams} dreams at {head}", lambda: trainer.pictures.dream(head), 4, 1)
    for batch in batches:
        trainer.batch = batch
        for head in pools.HEAD_CHANCES:
            trainer.matching_step(head)  # the first one at each head is slow
        seconds = timed(f"batch {batch}, step with gradients", lambda: step(trainer.matching_step()), 2 * STEPS)
        log(f"batch {batch}: {1 / seconds:.2f} steps/s without dreams and fresh pictures")
        if trainer.device.type == "cuda":
            log(f"batch {batch}: peak memory {torch.cuda.max_memory_allocated() / 2 ** 30:.1f} GiB")
    timed("256 fresh pictures", lambda: trainer.pictures.refresh(256), 3, 1)


def wait(device):
    if device.type == "cuda":
        torch.cuda.synchronize()
