-- 公共数据库（ggsj）：学校概况、机构、院系与全校公共代码，党政办公室主管
-- 表前缀：gg_ 公共数据，dm_ 公共代码，xw_ 新闻发布

-- 公共代码

CREATE TABLE dm_xb (
    dm char(1)     PRIMARY KEY,
    mc varchar(20) NOT NULL
);
COMMENT ON TABLE dm_xb IS '性别码（GB/T 2261.1）';
COMMENT ON COLUMN dm_xb.dm IS '代码';
COMMENT ON COLUMN dm_xb.mc IS '名称';
INSERT INTO dm_xb VALUES
    ('0', '未知的性别'), ('1', '男性'), ('2', '女性'), ('9', '未说明的性别');

CREATE TABLE dm_mz (
    dm   varchar(2)  PRIMARY KEY,
    mc   varchar(30) NOT NULL,
    zmdm varchar(2)
);
COMMENT ON TABLE dm_mz IS '民族码（GB/T 3304）';
COMMENT ON COLUMN dm_mz.dm IS '代码';
COMMENT ON COLUMN dm_mz.mc IS '民族名称';
COMMENT ON COLUMN dm_mz.zmdm IS '字母代码';
INSERT INTO dm_mz VALUES
    ('01', '汉族', 'HA'), ('02', '蒙古族', 'MG'),
    ('03', '回族', 'HU'), ('04', '藏族', 'ZA'),
    ('05', '维吾尔族', 'UG'), ('06', '苗族', 'MH'),
    ('07', '彝族', 'YI'), ('08', '壮族', 'ZH'),
    ('11', '满族', 'MA'), ('15', '土家族', 'TJ');

CREATE TABLE dm_zzmm (
    dm varchar(2)  PRIMARY KEY,
    mc varchar(40) NOT NULL
);
COMMENT ON TABLE dm_zzmm IS '政治面貌码（GB/T 4762）';
COMMENT ON COLUMN dm_zzmm.dm IS '代码';
COMMENT ON COLUMN dm_zzmm.mc IS '名称';
INSERT INTO dm_zzmm VALUES
    ('01', '中国共产党党员'), ('02', '中国共产党预备党员'),
    ('03', '中国共产主义青年团团员'), ('12', '无党派人士'),
    ('13', '群众');

CREATE TABLE dm_xk (
    dm varchar(3)  PRIMARY KEY,
    mc varchar(40) NOT NULL
);
COMMENT ON TABLE dm_xk IS '学科码（GB/T 13745 一级学科）';
COMMENT ON COLUMN dm_xk.dm IS '代码';
COMMENT ON COLUMN dm_xk.mc IS '学科名称';
INSERT INTO dm_xk VALUES
    ('110', '数学'),
    ('413', '信息与系统科学相关工程与技术'),
    ('460', '机械工程'),
    ('520', '计算机科学技术'),
    ('560', '土木建筑工程'),
    ('790', '经济学'),
    ('880', '教育学');

CREATE TABLE dm_jglb (
    dm varchar(2)  PRIMARY KEY,
    mc varchar(30) NOT NULL
);
COMMENT ON TABLE dm_jglb IS '机构类别码';
COMMENT ON COLUMN dm_jglb.dm IS '代码';
COMMENT ON COLUMN dm_jglb.mc IS '类别名称';
INSERT INTO dm_jglb VALUES
    ('1', '党群机构'), ('2', '行政机构'), ('3', '教学机构'), ('4', '教辅机构'),
    ('5', '后勤服务机构');

-- 学校概况与机构

CREATE TABLE gg_xxgk (
    xxdm   varchar(10)  PRIMARY KEY,
    xxmc   varchar(100) NOT NULL,
    xxywmc varchar(200),
    jxny   varchar(7),
    bxlx   varchar(40),
    zddz   varchar(200),
    wz     varchar(100),
    xxjj   text
);
COMMENT ON TABLE gg_xxgk IS '学校概况表';
COMMENT ON COLUMN gg_xxgk.xxdm IS '学校代码';
COMMENT ON COLUMN gg_xxgk.xxmc IS '学校名称';
COMMENT ON COLUMN gg_xxgk.xxywmc IS '学校英文名称';
COMMENT ON COLUMN gg_xxgk.jxny IS '建校年月';
COMMENT ON COLUMN gg_xxgk.bxlx IS '办学类型';
COMMENT ON COLUMN gg_xxgk.zddz IS '注册地址';
COMMENT ON COLUMN gg_xxgk.wz IS '学校网址';
COMMENT ON COLUMN gg_xxgk.xxjj IS '学校简介';
INSERT INTO gg_xxgk VALUES
    ('99999', '示例职业技术学院', 'Demo Polytechnic College', '1956-09', '高等职业学校', '某市某区示例路 1 号', 'https://www.school.example', '以工科为主的公办高等职业学校');

CREATE TABLE gg_xq (
    xqdm varchar(2)    PRIMARY KEY,
    xqmc varchar(60)   NOT NULL,
    zdmj numeric(12,2),
    jzmj numeric(12,2),
    qyrq date
);
COMMENT ON TABLE gg_xq IS '校区表';
COMMENT ON COLUMN gg_xq.xqdm IS '校区代码';
COMMENT ON COLUMN gg_xq.xqmc IS '校区名称';
COMMENT ON COLUMN gg_xq.zdmj IS '占地面积（平方米）';
COMMENT ON COLUMN gg_xq.jzmj IS '建筑面积（平方米）';
COMMENT ON COLUMN gg_xq.qyrq IS '启用日期';
INSERT INTO gg_xq VALUES
    ('1', '主校区', 312000.00, 205600.00, '1998-09-01'),
    ('2', '东校区', 86500.00, 54200.00, '2009-09-01');

CREATE TABLE gg_zzjg (
    jgdm varchar(10) PRIMARY KEY,
    jgmc varchar(60) NOT NULL,
    jgjc varchar(20),
    jglb varchar(2)  REFERENCES dm_jglb (dm),
    sjjg varchar(10) REFERENCES gg_zzjg (jgdm),
    clrq date,
    bgdd varchar(60),
    sfyx boolean     NOT NULL DEFAULT true,
    pxh  integer
);
COMMENT ON TABLE gg_zzjg IS '组织机构表';
COMMENT ON COLUMN gg_zzjg.jgdm IS '机构代码';
COMMENT ON COLUMN gg_zzjg.jgmc IS '机构名称';
COMMENT ON COLUMN gg_zzjg.jgjc IS '机构简称';
COMMENT ON COLUMN gg_zzjg.jglb IS '机构类别码';
COMMENT ON COLUMN gg_zzjg.sjjg IS '上级机构代码';
COMMENT ON COLUMN gg_zzjg.clrq IS '成立日期';
COMMENT ON COLUMN gg_zzjg.bgdd IS '办公地点';
COMMENT ON COLUMN gg_zzjg.sfyx IS '是否有效';
INSERT INTO gg_zzjg VALUES
    ('000', '示例职业技术学院', '学校', NULL, NULL, '1956-09-01', NULL, true, 0),
    ('101', '党政办公室', '党政办', '2', '000', '1998-09-01', '行政楼 301', true, 1),
    ('102', '党委组织部', '组织部', '1', '000', '1998-09-01', '行政楼 305', true, 2),
    ('103', '党委宣传部', '宣传部', '1', '000', '1998-09-01', '行政楼 307', true, 3),
    ('201', '人事处', '人事处', '2', '000', '1998-09-01', '行政楼 201', true, 4),
    ('202', '教务处', '教务处', '2', '000', '1998-09-01', '行政楼 203', true, 5),
    ('401', '信息中心', '信息中心', '4', '000', '2003-03-01', '图书信息楼 601', true, 12),
    ('402', '图书馆', '图书馆', '4', '000', '1998-09-01', '图书信息楼', true, 13);

CREATE TABLE gg_jgbg (
    id   bigint       PRIMARY KEY,
    jgdm varchar(10)  NOT NULL REFERENCES gg_zzjg (jgdm),
    bgrq date         NOT NULL,
    bglx varchar(20),
    bgwh varchar(60),
    bgnr varchar(500)
);
COMMENT ON TABLE gg_jgbg IS '机构变更记录表';
COMMENT ON COLUMN gg_jgbg.id IS '记录号';
COMMENT ON COLUMN gg_jgbg.jgdm IS '机构代码';
COMMENT ON COLUMN gg_jgbg.bgrq IS '变更日期';
COMMENT ON COLUMN gg_jgbg.bglx IS '变更类型（新设、更名、合并、撤销）';
COMMENT ON COLUMN gg_jgbg.bgwh IS '批准文号';
COMMENT ON COLUMN gg_jgbg.bgnr IS '变更内容';
INSERT INTO gg_jgbg VALUES
    (1, '401', '2003-03-01', '新设', '示院发〔2003〕8 号', '在网络中心基础上成立信息中心'),
    (2, '101', '2015-06-01', '合并', '示院发〔2015〕21 号', '党委办公室与院长办公室合并为党政办公室');

CREATE TABLE gg_yx (
    yxdm   varchar(2)   PRIMARY KEY,
    yxmc   varchar(60)  NOT NULL,
    yxywmc varchar(120),
    xqdm   varchar(2)   REFERENCES gg_xq (xqdm),
    clrq   date,
    zys    smallint,
    sfyx   boolean      DEFAULT true
);
COMMENT ON TABLE gg_yx IS '院系表';
COMMENT ON COLUMN gg_yx.yxdm IS '院系代码';
COMMENT ON COLUMN gg_yx.yxmc IS '院系名称';
COMMENT ON COLUMN gg_yx.yxywmc IS '院系英文名称';
COMMENT ON COLUMN gg_yx.xqdm IS '所在校区';
COMMENT ON COLUMN gg_yx.clrq IS '成立日期';
COMMENT ON COLUMN gg_yx.zys IS '专业数';
COMMENT ON COLUMN gg_yx.sfyx IS '是否有效';
INSERT INTO gg_yx VALUES
    ('01', '信息工程学院', 'School of Information Engineering', '1', '2002-09-01', 9, true),
    ('02', '机电工程学院', 'School of Mechanical and Electrical Engineering', '1', '1998-09-01', 11, true),
    ('03', '建筑与测绘工程学院', 'School of Construction and Surveying', '1', '1998-09-01', 8, true),
    ('04', '经济管理学院', 'School of Economics and Management', '2', '2001-09-01', 7, true),
    ('05', '文法与艺术学院', 'School of Humanities and Arts', '2', '2004-09-01', 5, true);

CREATE TABLE gg_xnxl (
    xnxq varchar(11)  PRIMARY KEY,
    kxrq date         NOT NULL,
    jsrq date         NOT NULL,
    zzs  smallint,
    bz   varchar(200)
);
COMMENT ON TABLE gg_xnxl IS '校历表';
COMMENT ON COLUMN gg_xnxl.xnxq IS '学年学期';
COMMENT ON COLUMN gg_xnxl.kxrq IS '开学日期';
COMMENT ON COLUMN gg_xnxl.jsrq IS '结束日期';
COMMENT ON COLUMN gg_xnxl.zzs IS '教学周数';
INSERT INTO gg_xnxl VALUES
    ('2023-2024-1', '2023-09-04', '2024-01-19', 20, NULL),
    ('2023-2024-2', '2024-02-26', '2024-07-12', 20, NULL),
    ('2024-2025-1', '2024-09-02', '2025-01-17', 20, '第 5 周为国庆假期');

-- 新闻发布（党委宣传部）

CREATE TABLE xw_lanmu (
    lmid integer     PRIMARY KEY,
    lmmc varchar(40) NOT NULL,
    sjlm integer     REFERENCES xw_lanmu (lmid),
    sfgk boolean     NOT NULL DEFAULT true
);
COMMENT ON TABLE xw_lanmu IS '新闻栏目表';
COMMENT ON COLUMN xw_lanmu.lmid IS '栏目编号';
COMMENT ON COLUMN xw_lanmu.lmmc IS '栏目名称';
COMMENT ON COLUMN xw_lanmu.sjlm IS '上级栏目';
COMMENT ON COLUMN xw_lanmu.sfgk IS '是否对外公开';
INSERT INTO xw_lanmu VALUES
    (1, '学校要闻', NULL, true), (2, '通知公告', NULL, true),
    (3, '院部动态', 1, true);

CREATE TABLE xw_xinwen (
    xwid bigint       PRIMARY KEY,
    lmid integer      NOT NULL REFERENCES xw_lanmu (lmid),
    bt   varchar(200) NOT NULL,
    zw   text,
    tgdw varchar(10)  REFERENCES gg_zzjg (jgdm),
    fbsj timestamp,
    djl  integer      DEFAULT 0,
    zt   char(1)
);
COMMENT ON TABLE xw_xinwen IS '新闻稿件表';
COMMENT ON COLUMN xw_xinwen.xwid IS '稿件编号';
COMMENT ON COLUMN xw_xinwen.lmid IS '栏目编号';
COMMENT ON COLUMN xw_xinwen.bt IS '标题';
COMMENT ON COLUMN xw_xinwen.zw IS '正文';
COMMENT ON COLUMN xw_xinwen.tgdw IS '投稿单位';
COMMENT ON COLUMN xw_xinwen.fbsj IS '发布时间';
COMMENT ON COLUMN xw_xinwen.djl IS '点击量';
COMMENT ON COLUMN xw_xinwen.zt IS '状态（0 草稿，1 待审，2 已发布）';
INSERT INTO xw_xinwen VALUES
    (1001, 1, '学校召开新学期工作布置会', '（正文略）', '101', '2024-09-02 10:20:00', 1520, '2'),
    (1002, 2, '关于 2024 年国庆节放假的通知', '（正文略）', '101', '2024-09-23 09:00:00', 3310, '2'),
    (1003, 3, '教务处组织期中教学检查', '（正文略）', '202', '2024-11-06 15:45:00', 640, '2');

CREATE VIEW v_gg_zzjg AS
SELECT j.jgdm, j.jgmc, l.mc AS jglbmc, s.jgmc AS sjjgmc
  FROM gg_zzjg j
  LEFT JOIN dm_jglb l ON l.dm = j.jglb
  LEFT JOIN gg_zzjg s ON s.jgdm = j.sjjg
 WHERE j.sfyx;
COMMENT ON VIEW v_gg_zzjg IS '有效机构视图';
