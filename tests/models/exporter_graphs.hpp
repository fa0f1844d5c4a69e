#pragma once
// Small graphs written as exporters write them, in the text form of onnx_text.hpp: what models_test imports
// and inference_test runs in ONNX Runtime, cut by cut.

#include <array>
#include <string_view>

namespace kerf::test {

struct ExporterGraph {
  std::string_view name;  // an identifier
  std::string_view text;
  int least_cuts;  // inner ones
};

inline constexpr std::array kExporterGraphs = {
    // torch.onnx.export of a vision transformer's block, batch dimension dynamic: the class token is expanded
    // to a shape that is computed, heads are split by Reshape and Transpose, GELU is written with Erf.
    ExporterGraph{"torch_vit", R"(
      opset 17
      input pixels N,3,32,32
      weight patch.w 24,3,8,8
      weight patch.b 24
      weight token 1,1,24
      weight position 1,17,24
      weight ln1.w 24
      weight ln1.b 24
      weight qkv.w 24,72
      weight qkv.b 72
      weight proj.w 24,24
      weight proj.b 24
      weight ln2.w 24
      weight ln2.b 24
      weight fc1.w 24,96
      weight fc1.b 96
      weight fc2.w 96,24
      weight fc2.b 24
      weight head.w 10,24
      weight head.b 10
      ints i0 0
      scalar zero 0 int64
      scalar one 1 int64
      scalar two 2 int64
      scalar root2 1.41421356
      scalar unit 1
      scalar half 0.5
      scalar scale 0.35355339
      ints rows -1
      ints c24 24
      ints c1 1
      ints heads_shape 17,3,3,8
      ints joined_shape 17,24
      embedded = Conv(pixels, patch.w, patch.b) kernel_shape=8,8 strides=8,8
      whole = Shape(embedded)
      n = Gather(whole, zero)
      n1 = Unsqueeze(n, i0)
      flat_shape = Concat(n1, c24, rows) axis=0
      flat = Reshape(embedded, flat_shape)
      patches = Transpose(flat) perm=0,2,1
      token_shape = Concat(n1, c1, c24) axis=0
      tokens = Expand(token, token_shape)
      sequence = Concat(tokens, patches) axis=1
      x0 = Add(sequence, position)
      n_a = LayerNormalization(x0, ln1.w, ln1.b) axis=-1 epsilon=0.00001
      qkv_p = MatMul(n_a, qkv.w)
      qkv = Add(qkv.b, qkv_p)
      qkv_shape = Concat(n1, heads_shape) axis=0
      split = Reshape(qkv, qkv_shape)
      turned = Transpose(split) perm=2,0,3,1,4
      q = Gather(turned, zero) axis=0
      k = Gather(turned, one) axis=0
      v = Gather(turned, two) axis=0
      q_s = Mul(q, scale)
      k_t = Transpose(k) perm=0,1,3,2
      scores = MatMul(q_s, k_t)
      weights = Softmax(scores) axis=-1
      mixed = MatMul(weights, v)
      back = Transpose(mixed) perm=0,2,1,3
      joined_to = Concat(n1, joined_shape) axis=0
      joined = Reshape(back, joined_to)
      out_p = MatMul(joined, proj.w)
      out = Add(proj.b, out_p)
      x1 = Add(x0, out)
      n_b = LayerNormalization(x1, ln2.w, ln2.b) axis=-1 epsilon=0.00001
      h_p = MatMul(n_b, fc1.w)
      h = Add(fc1.b, h_p)
      h_d = Div(h, root2)
      h_e = Erf(h_d)
      h_1 = Add(h_e, unit)
      h_m = Mul(h, h_1)
      h_g = Mul(h_m, half)
      y_p = MatMul(h_g, fc2.w)
      y = Add(fc2.b, y_p)
      x2 = Add(x1, y)
      first = Gather(x2, zero) axis=1
      logits = Gemm(first, head.w, head.b) transB=1
      output logits
    )",
                  3},
    // A shifted window block of a Swin transformer: the roll is Slice and Concat, windows are cut by Reshape
    // and Transpose in six dimensions, masked attention runs within each.
    ExporterGraph{"torch_swin", R"(
      opset 17
      input x 1,8,8,16
      weight ln.w 16
      weight ln.b 16
      weight qkv.w 16,48
      weight bias 1,2,16,16
      weight mask 1,4,1,16,16
      weight proj.w 16,16
      scalar zero 0 int64
      scalar one 1 int64
      scalar two 2 int64
      ints shift 2
      ints end 9223372036854775807
      ints begin 0
      ints back 6
      ints axis1 1
      ints axis2 2
      ints to_windows 1,2,4,2,4,16
      ints to_rows 4,16,16
      ints to_heads 4,16,3,2,8
      ints masked_shape 1,4,2,16,16
      ints scores_shape 4,2,16,16
      ints joined_shape 4,16,16
      ints from_windows 1,2,2,4,4,16
      ints whole_shape 1,8,8,16
      n = LayerNormalization(x, ln.w, ln.b) axis=-1
      a1 = Slice(n, shift, end, axis1)
      a2 = Slice(n, begin, shift, axis1)
      a = Concat(a1, a2) axis=1
      b1 = Slice(a, shift, end, axis2)
      b2 = Slice(a, begin, shift, axis2)
      b = Concat(b1, b2) axis=2
      w6 = Reshape(b, to_windows)
      w_t = Transpose(w6) perm=0,1,3,2,4,5
      w = Reshape(w_t, to_rows)
      p = MatMul(w, qkv.w)
      p5 = Reshape(p, to_heads)
      p_t = Transpose(p5) perm=2,0,3,1,4
      q = Gather(p_t, zero) axis=0
      k = Gather(p_t, one) axis=0
      v = Gather(p_t, two) axis=0
      k_t = Transpose(k) perm=0,1,3,2
      s = MatMul(q, k_t)
      s_b = Add(s, bias)
      s_5 = Reshape(s_b, masked_shape)
      s_m = Add(s_5, mask)
      s_4 = Reshape(s_m, scores_shape)
      weights = Softmax(s_4) axis=-1
      m = MatMul(weights, v)
      m_t = Transpose(m) perm=0,2,1,3
      joined = Reshape(m_t, joined_shape)
      o = MatMul(joined, proj.w)
      o6 = Reshape(o, from_windows)
      o_t = Transpose(o6) perm=0,1,3,2,4,5
      o_w = Reshape(o_t, whole_shape)
      c1 = Slice(o_w, back, end, axis1)
      c2 = Slice(o_w, begin, back, axis1)
      c = Concat(c1, c2) axis=1
      d1 = Slice(c, back, end, axis2)
      d2 = Slice(c, begin, back, axis2)
      d = Concat(d1, d2) axis=2
      y = Add(x, d)
      output y
    )",
                  1},
    // An inverted residual of MobileNetV3 with its squeeze-and-excitation branch.
    ExporterGraph{"torch_mobilenet_v3", R"(
      opset 14
      input x 1,8,16,16
      weight expand.w 32,8,1,1
      weight expand.b 32
      weight deep.w 32,1,5,5
      weight deep.b 32
      weight se1.w 8,32,1,1
      weight se1.b 8
      weight se2.w 32,8,1,1
      weight se2.b 32
      weight project.w 8,32,1,1
      weight project.b 8
      a = Conv(x, expand.w, expand.b) kernel_shape=1,1
      b = HardSwish(a)
      c = Conv(b, deep.w, deep.b) group=32 kernel_shape=5,5 pads=2,2,2,2
      d = HardSwish(c)
      s0 = GlobalAveragePool(d)
      s1 = Conv(s0, se1.w, se1.b)
      s2 = Relu(s1)
      s3 = Conv(s2, se2.w, se2.b)
      s4 = HardSigmoid(s3) alpha=0.16666667
      e = Mul(s4, d)
      f = Conv(e, project.w, project.b)
      y = Add(x, f)
      output y
    )",
                  2},
    // Three layers of torchvision's DenseNet: each joins all that were before it anew.
    ExporterGraph{"torch_densenet", R"(
      opset 13
      input x 1,3,16,16
      weight stem.w 8,3,3,3
      weight bn1.s 8
      weight bn1.b 8
      weight bn1.m 8
      ints e8 8
      scalar unit 1
      weight one1.w 16,8,1,1
      weight one1.b 16
      weight three1.w 4,16,3,3
      weight one2.w 16,12,1,1
      weight one2.b 16
      weight three2.w 4,16,3,3
      weight one3.w 16,16,1,1
      weight one3.b 16
      weight three3.w 4,16,3,3
      weight transition.w 10,20,1,1
      v8 = Expand(unit, e8)
      stem = Conv(x, stem.w) pads=1,1,1,1
      f0 = Relu(stem)
      j0 = Concat(f0) axis=1
      n1 = BatchNormalization(j0, bn1.s, bn1.b, bn1.m, v8)
      r1 = Relu(n1)
      c1 = Conv(r1, one1.w, one1.b)
      s1 = Relu(c1)
      f1 = Conv(s1, three1.w) pads=1,1,1,1
      j1 = Concat(f0, f1) axis=1
      r2 = Relu(j1)
      c2 = Conv(r2, one2.w, one2.b)
      s2 = Relu(c2)
      f2 = Conv(s2, three2.w) pads=1,1,1,1
      j2 = Concat(f0, f1, f2) axis=1
      r3 = Relu(j2)
      c3 = Conv(r3, one3.w, one3.b)
      s3 = Relu(c3)
      f3 = Conv(s3, three3.w) pads=1,1,1,1
      j3 = Concat(f0, f1, f2, f3) axis=1
      r4 = Relu(j3)
      t = Conv(r4, transition.w)
      y = AveragePool(t) kernel_shape=2,2 strides=2,2
      output y
    )",
                  7},
    // What the exporter of opset 18 and later changed: axes of reductions and pads are inputs, Split counts,
    // Resize has antialias and axes, GELU and group normalisation are operators.
    ExporterGraph{"torch_opset_21", R"(
      opset 21
      ir 10
      input x 1,6,9,9
      weight w 12,6,3,3
      weight gamma 12
      weight beta 12
      weight v 8,6,1,1
      ints spatial 2,3
      ints pads 1,1,2,2
      ints sizes 20,20
      a = Pad(x, pads, _, spatial) mode='reflect'
      b = Conv(a, w)
      c = GroupNormalization(b, gamma, beta) num_groups=3
      d = Gelu(c) approximate='tanh'
      left, right = Split(d) axis=1 num_outputs=2
      gate = Sigmoid(left)
      e = Mul(gate, right)
      f = Resize(e, _, _, sizes) axes=2,3 mode='linear' antialias=1 coordinate_transformation_mode='half_pixel'
      g = Conv(f, v)
      h = CastLike(g, x)
      i = Mish(h)
      y = ReduceMean(i, spatial) keepdims=0
      output y
    )",
                  1},
    // A decoder block in the operators of opset 23.
    ExporterGraph{"torch_opset_23", R"(
      opset 23
      ir 11
      input x 1,6,32
      weight n1 32
      weight q.w 32,32
      weight k.w 32,16
      weight v.w 32,16
      weight o.w 32,32
      weight cos 6,4
      weight sin 6,4
      weight n2 32
      weight up.w 32,64
      weight gate.w 32,64
      weight down.w 64,32
      ints batched 0
      a = RMSNormalization(x, n1) axis=-1
      q = MatMul(a, q.w)
      k = MatMul(a, k.w)
      v = MatMul(a, v.w)
      cos_b = Unsqueeze(cos, batched)
      sin_b = Unsqueeze(sin, batched)
      q_r = RotaryEmbedding(q, cos_b, sin_b) num_heads=4
      k_r = RotaryEmbedding(k, cos_b, sin_b) num_heads=2
      m = Attention(q_r, k_r, v) q_num_heads=4 kv_num_heads=2 is_causal=1
      o = MatMul(m, o.w)
      r = Add(x, o)
      b = RMSNormalization(r, n2) axis=-1
      up = MatMul(b, up.w)
      gate = MatMul(b, gate.w)
      s = Sigmoid(gate)
      silu = Mul(gate, s)
      h = Mul(silu, up)
      d = MatMul(h, down.w)
      y = Add(r, d)
      output y
    )",
                  2},
    // tf2onnx of a Keras network: the input is NHWC and turned at once; stride 2 pads one side only; the pads
    // are computed by taking a list apart; the mean over H and W is not kept.
    ExporterGraph{"tf2onnx_nhwc", R"(
      opset 13
      input image 1,32,32,3
      weight stem.w 8,3,3,3
      weight stem.b 8
      weight deep.w 8,1,3,3
      weight point.w 16,8,1,1
      weight point.b 16
      weight dense.w 16,5
      weight dense.b 5
      scalar low 0
      scalar high 6
      scalar scale 0.5
      ints paddings 0,0,0,1,0,1,0,0
      ints ones 1,1,1,1,1,1,1,1
      half = Mul(image, scale)
      nchw = Transpose(half) perm=0,3,1,2
      stem = Conv(nchw, stem.w, stem.b) strides=2,2 auto_pad='SAME_UPPER'
      six = Clip(stem, low, high)
      p0, p1, p2, p3, p4, p5, p6, p7 = Split(paddings, ones) axis=0
      pads = Concat(p0, p6, p2, p4, p1, p7, p3, p5) axis=0
      padded = Pad(six, pads)
      deep = Conv(padded, deep.w) group=8 strides=2,2 auto_pad='VALID'
      six2 = Clip(deep, low, high)
      point = Conv(six2, point.w, point.b)
      nhwc = Transpose(point) perm=0,2,3,1
      pooled = ReduceMean(nhwc) axes=1,2 keepdims=0
      dense = MatMul(pooled, dense.w)
      biased = Add(dense, dense.b)
      y = Softmax(biased) axis=1
      output y
    )",
                  2},
    // A quantised TensorFlow Lite network, as converters write it: every tensor between a quantising and a
    // dequantising node, weights of 8 bits with a scale for each channel, biases of 32.
    ExporterGraph{"tflite_qdq", R"(
      opset 13
      input image 1,16,16,3
      scalar s_in 0.0078125
      scalar z_in 128 uint8
      weight w 8,3,3,3 int8
      weight w_s 8
      weight b 8 int32
      weight b_s 8
      scalar s_mid 0.25
      scalar z_mid 3 uint8
      weight w2 4,8,1,1 int8
      scalar w2_s 0.01
      scalar w2_z 0 int8
      scalar s_out 0.5
      scalar z_out 100 uint8
      positive = Abs(w_s)
      b_positive = Abs(b_s)
      q0 = QuantizeLinear(image, s_in, z_in)
      x0 = DequantizeLinear(q0, s_in, z_in)
      x = Transpose(x0) perm=0,3,1,2
      wf = DequantizeLinear(w, positive) axis=0
      bf = DequantizeLinear(b, b_positive) axis=0
      c = Conv(x, wf, bf) pads=1,1,1,1
      r = Relu(c)
      q1 = QuantizeLinear(r, s_mid, z_mid)
      x1 = DequantizeLinear(q1, s_mid, z_mid)
      w2f = DequantizeLinear(w2, w2_s, w2_z)
      d = Conv(x1, w2f)
      q2 = QuantizeLinear(d, s_out, z_out)
      x2 = DequantizeLinear(q2, s_out, z_out)
      y = Transpose(x2) perm=0,2,3,1
      output y
    )",
                  1},
    // Operators on integers, as ONNX Runtime's static quantisation writes them.
    ExporterGraph{"ort_qoperators", R"(
      opset 13
      domain com.microsoft
      input x 1,4,12,12
      scalar s 0.0078125
      scalar z 128 uint8
      weight w1 8,4,3,3 int8
      weight w2 8,8,3,3 int8
      scalar w_s 0.01
      scalar w_z 60 int8
      scalar s1 0.05
      scalar z1 128 uint8
      scalar s2 0.1
      scalar z2 128 uint8
      weight w3 8,5 int8
      q = QuantizeLinear(x, s, z)
      a = QLinearConv(q, s, z, w1, w_s, w_z, s1, z1) pads=1,1,1,1
      b = QLinearConv(a, s1, z1, w2, w_s, w_z, s2, z2) pads=1,1,1,1
      c = com.microsoft.QLinearAdd(a, s1, z1, b, s2, z2, s2, z2)
      d = com.microsoft.QLinearConcat(s2, z2, c, s2, z2, a, s1, z1) axis=1
      e = com.microsoft.QLinearGlobalAveragePool(c, s2, z2, s1, z1)
      f = Flatten(e)
      g = com.microsoft.QGemm(f, s1, z1, w3, w_s, w_z)
      h = DequantizeLinear(d, s2, z2)
      output g
      output h
    )",
                  1},
    // What ONNX Runtime's optimiser makes of convolutions, and of a transformer.
    ExporterGraph{"ort_fused_cnn", R"(
      opset 13
      domain com.microsoft
      input x 1,3,16,16
      weight w1 8,3,3,3
      weight b1 8
      weight w2 8,8,3,3
      weight b2 8
      weight v 8,6
      weight c 6
      a = com.microsoft.FusedConv(x, w1, b1) activation='Relu' pads=1,1,1,1 strides=2,2
      b = com.microsoft.FusedConv(a, w2, b2, a) activation='Relu' pads=1,1,1,1
      d = GlobalAveragePool(b)
      e = Flatten(d)
      y = com.microsoft.FusedGemm(e, v, c) activation='Relu'
      output y
    )",
                  1},
    ExporterGraph{"ort_fused_transformer", R"(
      opset 14
      domain com.microsoft
      input x 1,6,16
      weight ln.w 16
      weight ln.b 16
      weight qkv.w 16,48
      weight qkv.b 48
      weight o.w 16,16
      weight o.b 16
      weight up.w 16,32
      weight up.b 32
      weight down.w 32,16
      weight down.b 16
      weight k.w 16,16
      weight v.w 16,16
      a = LayerNormalization(x, ln.w, ln.b) axis=-1
      b = com.microsoft.Attention(a, qkv.w, qkv.b) num_heads=2
      c = MatMul(b, o.w)
      n1, _, _, s1 = com.microsoft.SkipLayerNormalization(c, x, ln.w, ln.b, o.b)
      k = MatMul(n1, k.w)
      v = MatMul(n1, v.w)
      m = com.microsoft.MultiHeadAttention(n1, k, v) num_heads=2
      n2, _, _, s2 = com.microsoft.SkipLayerNormalization(m, s1, ln.w, ln.b)
      u = MatMul(n2, up.w)
      g = com.microsoft.BiasGelu(u, up.b)
      f = com.microsoft.FastGelu(g)
      q = com.microsoft.QuickGelu(f)
      d = MatMul(q, down.w)
      y = com.microsoft.SkipLayerNormalization(d, s2, ln.w, ln.b, down.b)
      p = com.microsoft.FusedMatMul(y, y) transB=1 alpha=0.25
      output p
    )",
                  2},
    // PyTorch's exporter on torch.export: modules and library functions become functions of the model.
    ExporterGraph{"torch_functions", R"(
      opset 18
      ir 9
      domain pkg.torch
      input x 1,3,8,8
      weight w1 4,3,3,3
      weight w2 4,4,3,3
      weight shared 4
      function pkg.torch.block x,w,b y,pre slope
        c = Conv(x, w, b) pads=1,1,1,1
        pre = Identity(c)
        y = pkg.torch.leaky(c) slope=$slope
      end
      function pkg.torch.leaky x y slope
        y = LeakyRelu(x) alpha=$slope
      end
      a, _ = pkg.torch.block(x, w1, shared) slope=0.2 @layer1
      b, p = pkg.torch.block(a, w2, shared) slope=0.3 @layer2
      y = Add(b, p)
      output y
    )",
                  1},
    // torch's squeeze and where on any shape: an If on the size of a dimension, which is known here.
    ExporterGraph{"torch_squeeze", R"(
      opset 13
      input x N,1,8
      weight w 8,4
      scalar one 1 int64
      scalar axis 1 int64
      ints axes 1
      branch squeezed
        s = Squeeze(x, axes)
        output s
      end
      branch kept
        k = Identity(x)
        output k
      end
      shape_x = Shape(x)
      size = Gather(shape_x, axis)
      is_one = Equal(size, one)
      v = If(is_one) then_branch=&squeezed else_branch=&kept
      a = MatMul(v, w)
      y = Relu(a)
      output y
    )",
                  0},
    // Two inputs that meet late, three outputs, one of them made early.
    ExporterGraph{"several_inputs_and_outputs", R"(
      opset 13
      input image 1,3,16,16
      input state 1,8
      weight w1 8,3,3,3
      weight w2 8,8,3,3
      weight v 8,8
      a = Conv(image, w1) strides=2,2
      early = Relu(a)
      b = Conv(early, w2) strides=2,2
      c = Relu(b)
      d = GlobalAveragePool(c)
      e = Flatten(d)
      f = Add(e, state)
      g = MatMul(f, v)
      next = Tanh(g)
      score = Softmax(g) axis=1
      output early
      output next
      output score
    )",
                  1},
};

}  // namespace kerf::test
