// What features say of a network without any label: are they collapsed, how many dimensions do they
// use, do views of one image agree? Features are rows, [N, D]; views of images are [q, N, D].
//
// Computed in float64 on the host; pure. Features that are not finite, or none, give NaN; features
// that are all 0 have rank 0.
//
// Of a spectrum s_1 ... s_m >= 0 the rank is exp(-sum p_k log p_k) with p_k = s_k / sum s (Roy &
// Vetterli, "The effective rank", EUSIPCO 2007, definition 1). RankMe and LiDAR add 1e-7 to p_k so
// that float32 has a logarithm of 0; here 0 log 0 = 0, which is what they approximate.
#pragma once

#include <ATen/core/Tensor.h>

namespace espalier::tensor {

// The mean over D of the standard deviation over N of rows of length 1 (Chen & He, "Exploring
// simple Siamese representation learning", CVPR 2021, section 4.1; divided by N - 1, as there). 0
// where all rows are alike; isotropic_deviation(D) where they point everywhere alike.
double feature_deviation(const at::Tensor& features);
// 1 / sqrt(D).
double isotropic_deviation(int64_t width);

// The rank of the singular values, features not centred (Garrido et al., "RankMe", ICML 2023, eq. 1
// and 2). At most rank_bound(N, D): few images bound it as few dimensions do.
double rank_me(const at::Tensor& features);
// min(N, D).
int64_t rank_bound(int64_t images, int64_t width);

// The rank of the eigenvalues of the covariance: how many directions the variance is spread over.
// At most min(N - 1, D).
double effective_rank(const at::Tensor& features);

// The slope a of eigenvalue j of the covariance against j, l_j ~ j^-a, by least squares of the
// logarithms weighted by 1 / j, so that every octave of j counts alike (Agrawal et al., "alpha-ReQ:
// assessing representation quality in self-supervised learning by measuring eigenspectrum decay",
// NeurIPS 2022, section 3; the weights are those of Stringer et al., Nature 2019). Near 0: all
// directions alike; large: a few carry everything. Eigenvalues below 1e-10 of the first are left
// out; NaN where fewer than two remain.
double alpha_req(const at::Tensor& features);

// LiDAR (Thilak et al., "LiDAR: sensing linear probing performance in joint embedding SSL
// architectures", ICLR 2024, section 3.2): the rank of the eigenvalues of Sw^-1/2 Sb Sw^-1/2, Sb
// the covariance of the images' mean features, Sw that of views around their image's mean, mean
// over images and views, with `delta` times the identity added. At most min(N - 1, D).
double lidar(const at::Tensor& views, double delta = 1e-4);

// The mean squared distance of two views of an image on the sphere of length 1, [2, N, D]: 0 where
// views agree (Wang & Isola, "Understanding contrastive representation learning through alignment
// and uniformity on the hypersphere", ICML 2020, section 4.1, alpha = 2).
double alignment(const at::Tensor& views);

// log of the mean over pairs of images of exp(-2 d^2), d the distance on the sphere of length 1
// (ibid., section 4.1, t = 2): 0 where all are alike, near -4 where they are spread evenly.
double uniformity(const at::Tensor& features);

}  // namespace espalier::tensor
