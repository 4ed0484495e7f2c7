import { html, render } from 'lit-html'
import init, { Curve } from '../wasm/pkg/microlr_playground.js'

await init()
const curve = new Curve('{"class_name": "CosineDecay", "config": {"initial_learning_rate": 0.1, "decay_steps": 500}}')
render(html`<p>${curve.lr(250)}</p>`, document.querySelector('main')!)
