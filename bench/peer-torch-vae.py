#!/usr/bin/env python3
"""peer-torch-vae.py THREADS [--architecture conv|mlp] [--epochs N] [--seed N] -- trains the VAE of `reverie vae`
in PyTorch.

Fashion-MNIST is one tensor, without a DataLoader. Batch 128, Adam 1e-3, Glorot uniform weights, zero biases, Bernoulli
pixels. Prints the seconds of each epoch, and at the end the test ELBO (z sampled once).
"""
import argparse
import gzip

import numpy as np
import torch
from peer_time import DEVICE, now, precision
from torch import nn
from torch.nn import functional as F

parser = argparse.ArgumentParser()
parser.add_argument('threads', type=int)
parser.add_argument('--architecture', default='conv')
parser.add_argument('--epochs', type=int, default=1)
parser.add_argument('--seed', type=int, default=0)
parser.add_argument('--data', default='/usr/share/datasets/fashion-mnist')
args = parser.parse_args()
torch.set_num_threads(args.threads)
torch.manual_seed(args.seed)
precision('TF32' if DEVICE == 'cuda' else 'f32')


def load(part):
    with gzip.open(f'{args.data}/{part}-images-idx3-ubyte.gz') as file:
        return torch.tensor(np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 1, 28, 28).astype(np.float32) / 255).to(DEVICE)


class Conv(nn.Module):
    """Convolutional VAE. Padding `same` of stride 2 at even sizes appends one row and column of zeros; transposed
    convolutions cut them off."""

    def __init__(self, latent=16):
        super().__init__()
        self.latent = latent
        self.conv1, self.conv2 = nn.Conv2d(1, 32, 3, 2), nn.Conv2d(32, 64, 3, 2)
        self.dense = nn.Linear(64 * 7 * 7, 128)
        self.mu, self.logvar = nn.Linear(128, latent), nn.Linear(128, latent)
        self.back = nn.Linear(latent, 64 * 7 * 7)
        self.deconv1, self.deconv2 = nn.ConvTranspose2d(64, 64, 3, 2), nn.ConvTranspose2d(64, 32, 3, 2)
        self.logits = nn.ConvTranspose2d(32, 1, 3, 1, 1)

    def encode(self, x):
        x = F.relu(self.conv1(F.pad(x, (0, 1, 0, 1))))
        x = F.relu(self.conv2(F.pad(x, (0, 1, 0, 1))))
        x = F.relu(self.dense(x.flatten(1)))
        return self.mu(x), self.logvar(x)

    def decode(self, z):
        y = F.relu(self.back(z)).view(-1, 64, 7, 7)
        y = F.relu(self.deconv1(y)[:, :, :14, :14])
        y = F.relu(self.deconv2(y)[:, :, :28, :28])
        return self.logits(y)


class Mlp(nn.Module):
    def __init__(self, latent=20):
        super().__init__()
        self.latent = latent
        self.fc1, self.mu, self.logvar = nn.Linear(784, 400), nn.Linear(400, latent), nn.Linear(400, latent)
        self.fc3, self.fc4 = nn.Linear(latent, 400), nn.Linear(400, 784)

    def encode(self, x):
        h = F.relu(self.fc1(x.flatten(1)))
        return self.mu(h), self.logvar(h)

    def decode(self, z):
        return self.fc4(F.relu(self.fc3(z))).view(-1, 1, 28, 28)


def sums(net, x):
    mu, logvar = net.encode(x)
    z = mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)
    bce = F.binary_cross_entropy_with_logits(net.decode(z), x, reduction='sum')
    return bce, -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())


net = {'conv': Conv, 'mlp': Mlp}[args.architecture]()
for parameter in net.parameters():
    if parameter.dim() > 1:
        nn.init.xavier_uniform_(parameter)
    else:
        nn.init.zeros_(parameter)
optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
train, test = load('train'), load('t10k')
for epoch in range(args.epochs):
    began = now()
    order = torch.randperm(len(train))
    for first in range(0, len(train), 128):
        x = train[order[first:first + 128]]
        optimizer.zero_grad()
        bce, kl = sums(net, x)
        ((bce + kl) / len(x)).backward()
        optimizer.step()
    print('epoch', epoch + 1, f'{now() - began:.3f} s', flush=True)
with torch.no_grad():
    parts = [sums(net, x) for x in test.split(500)]
print('test ELBO', f'{-sum(float(bce + kl) for bce, kl in parts) / len(test):.3f}')
